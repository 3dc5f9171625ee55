import { createApiToken } from "@roomtone/dev-server/token";

export interface ServerKeys {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** A person waits for the answer: past this they type the name. */
const PATIENCE_MS = 2000;

/** The server's rooms, the fullest first; none where it does not say within two seconds. */
export async function listRooms(server: ServerKeys, signal: AbortSignal): Promise<readonly { name: string; participants: number }[]> {
  try {
    const address = new URL("/twirp/livekit.RoomService/ListRooms", server.url.replace(/^ws/, "http"));
    const response = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${createApiToken(server, { roomList: true })}` },
      body: "{}",
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    const body: unknown = response.ok ? await response.json() : undefined;
    const rooms = (body as { rooms?: unknown } | undefined)?.rooms;
    if (!Array.isArray(rooms)) return [];
    return rooms
      .map((room: { name?: unknown; num_participants?: unknown; numParticipants?: unknown }) => ({
        name: String(room.name ?? ""),
        participants: Number(room.num_participants ?? room.numParticipants ?? 0),
      }))
      .filter((room) => room.name !== "")
      .sort((one, other) => other.participants - one.participants);
  } catch {
    return [];
  }
}
