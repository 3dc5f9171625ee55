import {
  type Publication,
  qualityLimits,
  type RoomSession,
  type RoomtoneError,
  SharedQuality,
  type SharedQualityDecision,
  type SharedQualityPolicy,
  toRoomtoneError,
} from "@roomtone/core";
import type { EncodeOnceOptions, SharedEncoding } from "./encode-once.js";

/** Servers report about once a second. */
const READ_EVERY_MS = 1000;

/** One room that a shared encoding is published into. */
export interface FollowedRoom {
  readonly room: Pick<RoomSession, "state">;
  readonly publication: Pick<Publication, "networkSample">;
}

/** With the profile and the settings that were given to `encodeOnce`: they bound what is decided, as those of `publish` do. */
export interface FollowRoomsOptions<Room extends FollowedRoom> extends EncodeOnceOptions {
  /** Default `hold`. */
  readonly policy?: SharedQualityPolicy;
  /** The rooms as they are now, the same object for a room each time. */
  readonly rooms: () => readonly Room[];
  /** Called when the settings have changed. */
  readonly onDecision?: (decision: SharedQualityDecision<Room>) => void;
}

export interface FollowingRooms {
  /** Resolves when it is over; with why, where the encoding refused to change. */
  readonly ended: Promise<RoomtoneError | undefined>;
  /** The settings stay as they are then. Idempotent. */
  close(): void;
}

/**
 * Lets the settings of `shared` follow the networks of the rooms that it is published into: loss raises its protection, and with
 * `follow-worst` a full path lowers its bitrate for all. With one room and `follow-worst` it does what `quality: "follow-network"` does
 * with a capture that is not shared.
 */
export function followRooms<Room extends FollowedRoom>(shared: SharedEncoding, options: FollowRoomsOptions<Room>): FollowingRooms {
  const { policy = "hold", rooms, onDecision = () => {} } = options;
  const quality = new SharedQuality<Room>({ ...qualityLimits(options.profile, options.opus), policy });
  let settle: (error: RoomtoneError | undefined) => void = () => {};
  const ended = new Promise<RoomtoneError | undefined>((resolve) => {
    settle = resolve;
  });
  let reading = false;
  let closed = false;
  const timer = setInterval(() => void read(), READ_EVERY_MS);
  timer.unref();
  return { ended, close };

  async function read(): Promise<void> {
    if (reading) return;
    reading = true;
    try {
      const samples = await Promise.all(
        rooms().map(async (room) => ({ room, sample: await room.publication.networkSample(), quality: room.room.state.quality })),
      );
      const decision = quality.add(samples.flatMap(({ sample, ...rest }) => (sample ? [{ ...rest, sample }] : [])));
      if (!decision || closed) return;
      await shared.reconfigure(decision.settings);
      if (!closed) onDecision(decision);
    } catch (error) {
      close(toRoomtoneError(error));
    } finally {
      reading = false;
    }
  }

  function close(error?: RoomtoneError): void {
    closed = true;
    clearInterval(timer);
    settle(error);
  }
}
