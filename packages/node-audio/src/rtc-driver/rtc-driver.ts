import type { AbortSignalLike, DriverConnectOptions, RoomConnection, RoomDriver } from "@roomtone/core";
import { isRoomtoneError } from "@roomtone/core";
import { beforeDeadline } from "../deadline.js";
import { loadRtcNode } from "../natives/load-rtc-node.js";
import { leaveRoom } from "./leave-room.js";
import { explainFailedJoin, signalAddress } from "./preflight.js";
import { RtcConnection } from "./room-connection.js";
import { releaseRoom } from "./rtc-internals.js";
import { connectDeadline, isTurnedAway } from "./vendor-errors.js";

/** One attempt against a server that accepts and says nothing takes rtc-node 8 s. */
const CONNECT_DEADLINE_MS = 10_000;

/**
 * The driver `rtc`: rooms through @livekit/rtc-node, which takes PCM and encodes by itself. It does all that a room
 * has, subscribing included; of Opus it lets one choose the bitrate and pauses in silence.
 */
export function rtcDriver(): RoomDriver {
  return { name: "rtc", canSubscribe: true, adapts: [], connect };
}

async function connect(options: DriverConnectOptions, signal: AbortSignalLike): Promise<RoomConnection> {
  signal.throwIfAborted();
  const url = signalAddress(options.url);
  const rtc = loadRtcNode();
  const room = new rtc.Room();
  // Retries are core's, and what is not in the type reaches the native side all the same.
  const roomOptions = { autoSubscribe: options.subscribe, dynacast: false, joinRetries: 0 };
  const joining = room.connect(url, options.token, roomOptions);
  try {
    await beforeDeadline(joining, { durationMs: CONNECT_DEADLINE_MS, expired: () => connectDeadline(CONNECT_DEADLINE_MS), signal });
  } catch (error) {
    // A join cannot be cancelled: one that succeeds when nobody waits any more is left at once.
    joining.then(
      () => leaveRoom(room, () => releaseRoom(room)),
      () => releaseRoom(room),
    );
    if (signal.aborted || isRoomtoneError(error)) throw error;
    throw await explain(options, isTurnedAway(error), signal);
  }
  const connection = new RtcConnection(rtc, room, options);
  await connection.learnRoomSid();
  if (!signal.aborted) return connection;
  await connection.close();
  throw signal.reason;
}

/** Never the vendor's error, which may contain the token: not even as a cause. */
async function explain({ url, token }: DriverConnectOptions, turnedAway: boolean, signal: AbortSignalLike): Promise<unknown> {
  const explained = await explainFailedJoin(url, token, turnedAway);
  return signal.aborted ? signal.reason : explained;
}
