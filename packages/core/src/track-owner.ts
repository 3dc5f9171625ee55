import type { LiveConnection } from "./live-connection.js";
import type { QualitySettings } from "./quality-controller.js";
import type { ConnectionQuality, RoomEvent } from "./room.js";
import type { Runtime } from "./runtime.js";
import type { TrackLoop } from "./track-loop.js";

/** What a track's loop needs of its room. */
export interface TrackOwner {
  readonly runtime: Runtime;
  readonly driverName: string;
  /** What the driver's tracks change while live. */
  readonly adapts: readonly (keyof QualitySettings)[];
  /** Our own connection's. */
  readonly quality: ConnectionQuality;
  /** The connection of now. */
  readonly link: LiveConnection | undefined;
  emit(event: RoomEvent): void;
  /** Whether another track than `loop` is live: then one bad track is no reason to give the connection up. */
  hasOtherLive(loop: TrackLoop): boolean;
  forget(loop: TrackLoop): void;
}
