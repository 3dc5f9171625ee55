import { createHmac } from "node:crypto";
import type { DevServer } from "@roomtone/dev-server";
import type { RoomModerator } from "@roomtone/testing";

/** The server's own API, used as a moderator does. */
export function createModerator(server: DevServer): RoomModerator {
  const call = async (method: string, room: string, body: Record<string, unknown>): Promise<void> => {
    const response = await fetch(`${server.httpUrl}/twirp/livekit.RoomService/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${apiToken(server, room)}` },
      body: JSON.stringify({ room, ...body }),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`${method} was answered with ${response.status}`);
  };
  return {
    mute: (room, identity, trackSid) => call("MutePublishedTrack", room, { identity, track_sid: trackSid, muted: true }),
    remove: (room, identity) => call("RemoveParticipant", room, { identity }),
    deleteRoom: (room) => call("DeleteRoom", room, {}),
    setParticipantMetadata: (room, identity, metadata) => call("UpdateParticipant", room, { identity, metadata }),
    setRoomMetadata: (room, metadata) => call("UpdateRoomMetadata", room, { metadata }),
  };
}

/** Takes away, or gives back, what a participant may do. */
export async function setMayPublish(server: DevServer, room: string, identity: string, canPublish: boolean): Promise<void> {
  const response = await fetch(`${server.httpUrl}/twirp/livekit.RoomService/UpdateParticipant`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${apiToken(server, room)}` },
    body: JSON.stringify({ room, identity, permission: { can_subscribe: true, can_publish: canPublish, can_publish_data: true } }),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`UpdateParticipant was answered with ${response.status}`);
}

/** Who is in `room` by the server's own account, with their tracks. */
export async function listParticipants(
  server: DevServer,
  room: string,
): Promise<{ identity: string; sid: string; tracks: { sid: string; name: string; muted: boolean }[] }[]> {
  const response = await fetch(`${server.httpUrl}/twirp/livekit.RoomService/ListParticipants`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${apiToken(server, room)}` },
    body: JSON.stringify({ room }),
  });
  if (!response.ok) throw new Error(`ListParticipants was answered with ${response.status}`);
  const { participants = [] } = (await response.json()) as {
    participants?: { identity: string; sid: string; tracks?: { sid: string; name?: string; muted?: boolean }[] }[];
  };
  return participants.map(({ identity, sid, tracks = [] }) => ({
    identity,
    sid,
    tracks: tracks.map((track) => ({ sid: track.sid, name: track.name ?? "", muted: track.muted ?? false })),
  }));
}

function apiToken({ apiKey, apiSecret }: DevServer, room: string): string {
  return signToken(apiSecret, {
    iss: apiKey,
    exp: Math.floor(Date.now() / 1000) + 60,
    video: { room, roomAdmin: true, roomCreate: true, roomList: true },
  });
}

export function signToken(secret: string, claims: Record<string, unknown>): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** Creates a room with settings of the server's API. */
export async function createRoom(server: DevServer, name: string, settings: Record<string, unknown>): Promise<void> {
  const response = await fetch(`${server.httpUrl}/twirp/livekit.RoomService/CreateRoom`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${apiToken(server, name)}` },
    body: JSON.stringify({ name, ...settings }),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`CreateRoom was answered with ${response.status}`);
}
