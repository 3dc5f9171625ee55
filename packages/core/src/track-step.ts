import type { PublishableCapture } from "./capture.js";
import type { OpusSettings } from "./encode.js";
import { isReplaceable, type PublishedTrack } from "./publish.js";

/** What the user wants of one track: a value, whatever the room is doing. */
export interface DesiredTrack {
  readonly published: boolean;
  readonly capture: PublishableCapture;
  readonly muted: boolean;
  readonly opus: Partial<OpusSettings>;
  /** What the network calls for, laid over `opus`. */
  readonly adapted?: Partial<OpusSettings> | undefined;
}

/** What the driver has reported of it, on the connection of now. */
export interface ActualTrack {
  readonly track: PublishedTrack;
  capture: PublishableCapture;
  /** Undefined: two changes crossed, and nobody knows. */
  muted: boolean | undefined;
  opus: Partial<OpusSettings>;
  adapted?: Partial<OpusSettings> | undefined;
  /** It has to go before anything else: its source ended while another was asked for, or it did not do as told. */
  spent: boolean;
}

export type TrackStep = "publish" | "unpublish" | "replace" | "reconfigure" | "adapt" | "mute" | "unmute";

/** The next step from `actual` to `desired`; undefined where they agree. A mute goes before all else that is heard. */
export function nextStep(desired: DesiredTrack, actual: Readonly<ActualTrack> | undefined): TrackStep | undefined {
  if (!desired.published) return actual ? "unpublish" : undefined;
  if (!actual) return "publish";
  if (actual.spent) return "unpublish";
  if (desired.muted && actual.muted !== true) return "mute";
  if (actual.capture !== desired.capture) return isReplaceable(actual.track) ? "replace" : "unpublish";
  if (actual.opus !== desired.opus) return "reconfigure";
  if (!desired.muted && actual.muted !== false) return "unmute";
  if (actual.adapted !== desired.adapted) return "adapt";
  return undefined;
}
