import { expect, it } from "vitest";
import { fleetTable } from "./tables.ts";

it("marks a fleet whose packets did not go out in time, and names what was not measured", () => {
  const of = (streams: number, sentPercent: number) => ({
    name: "opus, one encoder for all",
    streams,
    cpuPercent: 1,
    memoryMb: 100 + streams,
    sentPercent,
  });
  const [, , one, fifty] = fleetTable([of(1, 100), of(50, 93.4)]).split("\n");
  expect(one).toBe("| 1 | 1 %, 101 MB | no CPU left | no CPU left |");
  expect(fifty).toContain("not in time: 93.4 % of the packets");
});
