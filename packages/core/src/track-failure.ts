import type { RoomtoneError } from "./errors.js";
import type { TrackStep } from "./track-step.js";

/** The same step failing so often in a row calls for a stronger means. */
const FAILURES_BORNE = 3;

/** What is known about a step that failed. */
export interface StepFailure {
  readonly step: TrackStep;
  /** Another try may succeed without any change by the user. */
  readonly passing: boolean;
  /** The driver did not answer in time: the operation may still take place, so nothing else may be asked of the same track. */
  readonly late: boolean;
  /** In a row, this one counted. */
  readonly failures: number;
  /** The publication was live before. */
  readonly wasLive: boolean;
  /** The driver can do it, but by publishing the track anew only. */
  readonly takesRepublish: boolean;
  /** What was wanted is a change of a capture that works, or worked. */
  readonly canGoBack: boolean;
  readonly hasOtherLive: boolean;
}

export type FailureRemedy =
  /** After a pause. */
  | "retry"
  /** As asked for: the track is published anew with what is wanted now. */
  | "republish"
  /** What was live before goes on, and whoever asked for the change is told. */
  | "go-back"
  /** The track is unpublished and published as it should be. */
  | "publish-anew"
  /** The publication ends with the error. */
  | "fail"
  /** The connection is given up for a new one. */
  | "abandon";

/** What to do about a step that failed. A mute, or an unpublish, that the driver does not carry out must not leave sound in the room: it ends the connection at last. */
export function remedyFor(failure: StepFailure): FailureRemedy {
  const { step, passing, late, failures, wasLive, canGoBack, hasOtherLive } = failure;
  const spent = failures >= FAILURES_BORNE;
  if (step === "publish") {
    if (!passing) return canGoBack ? "go-back" : "fail";
    if (!wasLive) return late || spent ? "fail" : "retry";
    if (late) return "abandon";
    return spent && !hasOtherLive ? "abandon" : "retry";
  }
  if (late) return "abandon";
  if (step === "reconfigure" && failure.takesRepublish) return "republish";
  if ((step === "replace" || step === "reconfigure" || step === "adapt") && !passing) return "go-back";
  if (passing && !spent) return "retry";
  return step === "unpublish" ? "abandon" : "publish-anew";
}

/** Whether `error` says that another number of channels takes another publication. See `Reconfigurable`. */
export function takesRepublish({ code, details }: RoomtoneError): boolean {
  return code === "unsupported" && details.setting === "channels";
}

/** Whether the same operation may succeed later. Of a track that was live once, a fault of the driver's may pass, too. */
export function isPassing({ code, details }: RoomtoneError, wasLive: boolean): boolean {
  if (code === "internal") return wasLive;
  return code === "server-unreachable" ? details.retryable !== false : details.retryable === true;
}
