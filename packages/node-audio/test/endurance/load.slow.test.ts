import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { LoadReport } from "./load.js";

const JOIN_BOUND_MS = 20_000;
const RESIDENT_LIMIT_KIB_PER_HOUR = 48 * 1024;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomtone-load-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** The load in a process of its own. */
async function load(...options: string[]): Promise<LoadReport> {
  const report = join(folder, "report.json");
  const words = [join(import.meta.dirname, "load.ts"), ...options, "--report", report];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [exitCode] = (await once(child, "close")) as [number | null];
  expect(exitCode).toBe(0);
  const figures = await readFile(report, "utf8");
  process.stdout.write(`${figures}\n`); // annotations are printed of what fails only
  return JSON.parse(figures) as LoadReport;
}

it(
  "100 rooms joined at once are all joined, and for ten minutes what is sent into each arrives",
  async () => {
    const figures = await load("--rooms", "100", "--minutes", "10");
    expect(figures.joins.longestMs).toBeLessThan(JOIN_BOUND_MS);
    expect(figures.republished).toBe(0);
    expect(figures.received).toBe(figures.sent);
    expect(figures.missing).toBe(0);
    expect(figures.residentSlopeKibPerHour?.boundPerHour).toBeLessThan(RESIDENT_LIMIT_KIB_PER_HOUR);
  },
  20 * 60_000,
);

/** While the server turns a track on for 200 subscribers, its packets go to nobody. */
const LOST_IN_UNMUTING = 0.02;

it("20 publishers in one room, five of them speaking, are heard by 200 subscribers without a packet missing", async () => {
  const figures = await load("--publishers", "20", "--speaking", "5", "--subscribers", "200", "--frame-ms", "60", "--minutes", "1");
  expect(figures.republished).toBe(0);
  expect(figures.missing).toBe(0);
  expect(figures.received).toBeGreaterThan((1 - LOST_IN_UNMUTING) * figures.expected);
});
