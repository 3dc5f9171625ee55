import { describe, expect, it } from "vitest";
import { overall, SILENT_AFTER_MS, trackState } from "./health.js";

const live = { muted: false, status: "live", sinceMs: 0 } as const;

describe("health", () => {
  it("holds a new track for starting until it has had its time, and for silent then", () => {
    expect(trackState({ ...live, sentAtMs: undefined }, SILENT_AFTER_MS)).toBe("starting");
    expect(trackState({ ...live, sentAtMs: undefined }, SILENT_AFTER_MS + 1)).toBe("silent");
  });

  it("holds a track for sending as long as audio left lately, whatever its connection calls itself", () => {
    expect(trackState({ ...live, sentAtMs: 50_000 }, 50_000 + SILENT_AFTER_MS)).toBe("sending");
    expect(trackState({ ...live, sentAtMs: 50_000 }, 50_001 + SILENT_AFTER_MS)).toBe("silent");
  });

  it("does not blame a mute, and gives an unmuted track its time", () => {
    expect(trackState({ ...live, muted: true, sentAtMs: undefined }, 90_000)).toBe("muted");
    expect(trackState({ ...live, sentAtMs: 1000, sinceMs: 85_000 }, 90_000)).toBe("starting");
  });

  it("is healthy only where every track sends or is muted, and never without a track", () => {
    const track = (state: ReturnType<typeof trackState>) => ({ track: "voice", room: "stage", state });
    expect(overall([]).healthy).toBe(false);
    expect(overall([track("sending"), track("muted")]).healthy).toBe(true);
    for (const state of ["starting", "silent", "reconnecting"] as const)
      expect(overall([track("sending"), track(state)]).healthy).toBe(false);
    expect(trackState({ ...live, status: "waiting", muted: true, sentAtMs: 90_000 }, 90_000)).toBe("reconnecting");
  });
});
