import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PublishableCapture } from "./capture.js";
import type { PublishedTrack } from "./publish.js";
import { remedyFor } from "./track-failure.js";
import { type ActualTrack, type DesiredTrack, nextStep, type TrackStep } from "./track-step.js";

const captures = ["first", "second"].map((label) => ({ source: { kind: "custom", label } }) as unknown as PublishableCapture);
const settings = [{}, { bitrateBps: 64_000 }];
const plain = {} as PublishedTrack;
const replaceable = { replace: () => {} } as unknown as PublishedTrack;

const capture = fc.constantFrom(...captures);
const opus = fc.constantFrom(...settings);
const desiredTrack: fc.Arbitrary<DesiredTrack> = fc.record({ published: fc.boolean(), capture, muted: fc.boolean(), opus });
const actualTrack: fc.Arbitrary<ActualTrack> = fc.record({
  track: fc.constantFrom(plain, replaceable),
  capture,
  muted: fc.constantFrom(true, false, undefined),
  opus,
  spent: fc.boolean(),
});

/** What a driver that does as told reports after `step`. */
function after(step: TrackStep, desired: DesiredTrack, actual: ActualTrack | undefined): ActualTrack | undefined {
  if (step === "publish") return { track: replaceable, capture: desired.capture, muted: desired.muted, opus: desired.opus, spent: false };
  if (step === "unpublish" || !actual) return undefined;
  if (step === "replace") return { ...actual, capture: desired.capture };
  if (step === "reconfigure") return { ...actual, opus: desired.opus };
  return { ...actual, muted: step === "mute" };
}

describe("steps from what is to what is desired", () => {
  it("arrive, from anywhere, in a few steps, and then rest", () => {
    fc.assert(
      fc.property(desiredTrack, fc.option(actualTrack, { nil: undefined }), (desired, start) => {
        let actual = start;
        let steps = 0;
        for (let step = nextStep(desired, actual); step; step = nextStep(desired, actual)) {
          actual = after(step, desired, actual);
          steps += 1;
          expect(steps).toBeLessThanOrEqual(4);
        }
        if (desired.published)
          expect(actual).toMatchObject({ capture: desired.capture, muted: desired.muted, opus: desired.opus, spent: false });
        else expect(actual).toBeUndefined();
      }),
    );
  });

  it("make nothing heard on the way to a mute", () => {
    fc.assert(
      fc.property(desiredTrack, actualTrack, (desired, start) => {
        const first = nextStep({ ...desired, muted: true }, start);
        if (start.muted !== true) expect(["mute", "unpublish"]).toContain(first);
        expect(first).not.toBe("unmute");
      }),
    );
  });
});

describe("remedies for a failed step", () => {
  const failure = fc.record({
    step: fc.constantFrom<TrackStep>("publish", "unpublish", "replace", "reconfigure", "mute", "unmute"),
    passing: fc.boolean(),
    late: fc.boolean(),
    failures: fc.integer({ min: 1, max: 10 }),
    wasLive: fc.boolean(),
    canGoBack: fc.boolean(),
    hasOtherLive: fc.boolean(),
    takesRepublish: fc.boolean(),
  });

  it("never ask anything else of a track whose last operation may still take place", () => {
    fc.assert(
      fc.property(failure, (given) => {
        expect(["retry", "publish-anew"].includes(remedyFor({ ...given, late: true })) && given.step !== "publish").toBe(false);
      }),
    );
  });

  it("never end a publication because a mute or an unpublish failed, nor repeat it for ever", () => {
    fc.assert(
      fc.property(failure, fc.constantFrom<TrackStep>("mute", "unmute", "unpublish"), (given, step) => {
        expect(["retry", "publish-anew", "abandon"]).toContain(remedyFor({ ...given, step }));
        expect(remedyFor({ ...given, step, failures: 3 })).not.toBe("retry");
      }),
    );
  });

  it("keep a publication that was live for as long as the fault may pass", () => {
    fc.assert(
      fc.property(failure, (given) => {
        expect(remedyFor({ ...given, wasLive: true, passing: true })).not.toBe("fail");
      }),
    );
  });
});
