import type { LocalAudioTrack, Room } from "@livekit/rtc-node";

/**
 * What @livekit/rtc-node 1.1 can do and leaves out of its public interface: all of it in this file, so that another
 * version is checked in one place. `rtc-internals.test.ts` fails where a version takes one of these away.
 */

type NativeListener = Parameters<NonNullable<typeof globalThis._ffiClientInstance>["on"]>[1];
type Statistics = Map<string, unknown>;

/** The client of the native library. It exists as soon as the first room, source or track does. */
function nativeClient() {
  const client = globalThis._ffiClientInstance;
  if (!client) throw new Error("@livekit/rtc-node has no native client yet");
  return client;
}

/** Mutes a track of ours: the server and everybody in the room see it. Silent frames are still sent while the source is fed. */
export function setTrackMuted(track: LocalAudioTrack, mute: boolean): void {
  nativeClient().request({ message: { case: "localTrackMute", value: { trackHandle: track.ffi_handle.handle, mute } } });
}

/** The track's WebRTC statistics by kind: the last of each. Answers also while the server does not. */
export async function readTrackStatistics(track: LocalAudioTrack, timeoutMs: number): Promise<Statistics> {
  const client = nativeClient();
  const { asyncId } = client.request<{ asyncId: bigint }>({
    message: { case: "getStats", value: { trackHandle: track.ffi_handle.handle } },
  });
  const answer = await client.waitFor<{ error?: string; stats: readonly { stats: { case: string; value: unknown } }[] }>(
    ({ message }) => message.case === "getStats" && message.value.asyncId === asyncId,
    { signal: AbortSignal.timeout(timeoutMs) },
  );
  if (answer.error) throw new Error("no statistics");
  return new Map(answer.stats.map(({ stats }) => [stats.case, stats.value]));
}

/**
 * Lets go of a room that is over. After an end that the server brought about, rtc-node keeps its listener on the native
 * client, and so the room with everything in it, for the rest of the process.
 */
export function releaseRoom(room: Room): void {
  const internals = room as unknown as {
    onFfiEvent: NativeListener;
    ffiHandle?: { dispose(): void };
  };
  globalThis._ffiClientInstance?.off("ffi_event", internals.onFfiEvent);
  room.removeAllListeners();
  try {
    internals.ffiHandle?.dispose();
  } catch {
    // The native side has dropped it by itself, as it may after a join that failed: it throws for a handle that it does not know.
  }
}

/** What the server lets us do. Undefined where it has not said. */
export type NativePermission = NonNullable<Room["localParticipant"]>["info"]["permission"];

export function initialPermission(room: Room): NativePermission {
  return room.localParticipant?.info.permission;
}

/**
 * Calls `listener` when the server changes what we may do, until the returned function is called. The native side tells it, and
 * rtc-node has no event for it; it does not even notice that the server has thrown our tracks out.
 */
export function onPermissionChanged(room: Room, listener: (permission: NativePermission) => void): () => void {
  const client = nativeClient();
  const handle = (room as unknown as { ffiHandle?: { handle: bigint } }).ffiHandle?.handle;
  const onEvent: NativeListener = ({ message }) => {
    if (message.case !== "roomEvent" || message.value.roomHandle !== handle) return;
    const { message: event } = message.value;
    if (event.case !== "participantPermissionChanged") return;
    if (event.value.participantIdentity === room.localParticipant?.identity) listener(event.value.permission);
  };
  client.on("ffi_event", onEvent);
  return () => client.off("ffi_event", onEvent);
}

/** The newest token that the server gave this room. */
export function currentToken(room: Room): string | undefined {
  return room.token;
}
