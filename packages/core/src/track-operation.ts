import type { AbortSignalLike } from "./abort.js";
import { RoomtoneError } from "./errors.js";
import type { LiveConnection } from "./live-connection.js";
import { isReconfigurable, isReplaceable, type PublishedTrack } from "./publish.js";
import type { TrackSource } from "./room.js";
import type { Runtime } from "./runtime.js";
import type { ActualTrack, DesiredTrack, TrackStep } from "./track-step.js";
import { bounded } from "./waiting.js";

const OPERATION_DEADLINE_MS = 10_000;

/** What never changes about a publication. */
export interface TrackFacts {
  readonly id: string;
  readonly name: string;
  readonly source: TrackSource;
  readonly profile: "voice" | "music";
  readonly quality: "follow-network" | "fixed";
}

/** How an operation went. A `late` one was not answered in time, and nobody knows whether it will still take place. */
export type OperationOutcome =
  | { readonly ok: true; readonly track?: PublishedTrack }
  | { readonly ok: false; readonly error: unknown; readonly late: boolean };

/** Asks the driver for one step from `actual` to `desired`, within a bound. Never rejects. */
export async function carryOut(
  runtime: Runtime,
  link: LiveConnection,
  facts: TrackFacts,
  step: { readonly name: TrackStep; readonly desired: DesiredTrack; readonly actual: ActualTrack | undefined },
  signal: AbortSignalLike,
): Promise<OperationOutcome> {
  const tooLate = new RoomtoneError("server-unreachable", `The server did not answer within 10 s (${step.name}).`, { retryable: true });
  const bound = { deadlineMs: OPERATION_DEADLINE_MS, signal, timeout: () => tooLate };
  try {
    if (step.name === "publish") {
      const { capture, muted } = step.desired;
      const opus = { ...step.desired.opus, ...step.desired.adapted };
      const { id, name, source, profile } = facts;
      const onLate = (track: PublishedTrack) => track.unpublish();
      const track = await bounded(runtime, { ...bound, onLate }, (attemptSignal) =>
        link.connection.publish(capture, { trackId: id, name, source, muted, profile, opus }, attemptSignal),
      );
      return { ok: true, track };
    }
    const { actual } = step;
    if (actual) await bounded(runtime, bound, () => onTrack(step.name, actual.track, step.desired));
    return { ok: true };
  } catch (error) {
    return { ok: false, error, late: error === tooLate };
  }
}

async function onTrack(step: TrackStep, track: PublishedTrack, desired: DesiredTrack): Promise<void> {
  switch (step) {
    case "mute":
    case "unmute":
      return track.setMuted(step === "mute");
    case "unpublish":
      return track.unpublish();
    case "replace":
      return isReplaceable(track) ? track.replace(desired.capture) : undefined;
    case "adapt":
    case "reconfigure":
      if (isReconfigurable(track)) return track.reconfigure({ ...desired.opus, ...desired.adapted });
      throw new RoomtoneError(
        "unsupported",
        "This driver cannot change Opus settings while live. Unpublish, and publish with the new settings.",
      );
    case "publish":
      return;
  }
}
