import { describe, expect, it } from "vitest";
import { type FaultRow, faultRows, renderReliability } from "../src/reliability.ts";

const row = (facts: Partial<FaultRow> = {}): FaultRow => ({
  part: "server",
  fault: "killed, back after 3 s",
  driver: "opus",
  seen: "reconnecting, reconnected",
  lost: "the outage",
  backMs: [400, 900, 500],
  guard: "core/recovery.ts",
  ...facts,
});
const linesOf = (text: string) => text.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| Fault"));

describe("the reliability table", () => {
  it("has a line for each fault and driver, with the median and the longest of all times", () => {
    const text = renderReliability("", [row(), row({ backMs: [2000] }), row({ driver: "rtc", backMs: [] })], "2026-11-25");
    expect(linesOf(text)).toEqual([
      "| killed, back after 3 s | opus | reconnecting, reconnected | the outage | 0.50 s, longest 2.00 s (4 times) | core/recovery.ts |",
      "| killed, back after 3 s | rtc | reconnecting, reconnected | the outage |  | core/recovery.ts |",
    ]);
  });

  it("keeps what another run wrote, and replaces what this one tried", () => {
    const first = renderReliability("", [row(), row({ part: "network", fault: "cut | frozen" })], "2026-11-24");
    const second = renderReliability(first, [row({ backMs: [100] })], "2026-11-25");
    expect(linesOf(second)).toHaveLength(2);
    expect(second).toContain("| 0.10 s |");
    expect(second).toContain("## Network");
    expect(second).toContain("cut \\| frozen");
    expect(renderReliability(second, [row({ part: "network", fault: "cut | frozen" })], "2026-11-25").match(/cut/g)).toHaveLength(1);
  });

  it("takes the rows of the tests that passed", () => {
    const tests = [
      { status: "passed", meta: { faults: [row()] } },
      { status: "failed", meta: { faults: [row()] } },
      { status: "passed", meta: {} },
    ];
    expect(faultRows({ testResults: [{ assertionResults: tests }] })).toEqual([row()]);
  });
});
