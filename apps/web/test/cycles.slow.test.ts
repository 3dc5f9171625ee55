import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { type Footprint, openFootprint } from "./support/footprint.ts";
import { withStudioStage } from "./support/with-studio-stage.ts";

/** A room that is held costs some 25 KB, and its peer connection as much again; what the browser itself notes of a cycle, some 3 KB. */
const NOISE_BYTES_PER_CYCLE = 10_000;

const stage = withStudioStage();

describe("a studio that is left and joined, many times", () => {
  it.each([10, 50])("does not grow over %i cycles, nor does its heap", async (count) => {
    const roomName = `cycles-${count}`;
    await stage().peer(roomName, { identity: "ann", name: "Ann", toneHz: 500 });
    const page = await stage().join(roomName, "Noor", {}, { interpreted: true });
    await leaveAndJoin(page, 8);
    const footprint = await openFootprint(page);
    const before = await footprint.read();
    await leaveAndJoin(page, count);
    // What closes in the background takes a moment, and may have been open still at the first reading.
    await expect.poll(async () => grown(before, await footprint.read()), { timeout: 20_000 }).toEqual({});
    const after = await footprint.read();
    console.info(`${count} cycles: ${after.heapBytes - before.heapBytes} bytes of heap, ${after.listeners - before.listeners} listeners`);
    expect((after.heapBytes - before.heapBytes) / count).toBeLessThan(NOISE_BYTES_PER_CYCLE);
    expect(after.listeners).toBeLessThanOrEqual(before.listeners);
    await page.context().close();
  });
});

/** What there is more of than before, by name. */
function grown(before: Footprint, after: Footprint): Record<string, number> {
  const counts = ({ nodes, held }: Footprint): Record<string, number> => ({ nodes, ...held });
  const past = counts(before);
  return Object.fromEntries(Object.entries(counts(after)).filter(([name, count]) => count > (past[name] ?? 0)));
}

async function leaveAndJoin(page: Page, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await page.getByRole("button", { name: "Leave" }).click();
    await page.getByRole("button", { name: "Join again" }).click();
    await page.getByText("You are on air").waitFor();
    await page.getByRole("meter", { name: "Level of Ann" }).waitFor();
  }
}
