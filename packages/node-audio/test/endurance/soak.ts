/**
 * Shakes a room for as long as it is told, by a schedule that its seed decides, and judges what it holds on to meanwhile.
 * `node test/endurance/soak.ts --minutes 30 [--seed N] [--report FILE]`; exit code 1 where something did not come back, or grows.
 */
import "./interpreted.ts";
import { randomInt } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { releaseNatives } from "@roomtone/node-audio";
import { type Holdings, holdings } from "./memory.ts";
import { schedule } from "./schedule.ts";
import { slopeOf } from "./slope.ts";
import { SoakStage } from "./soak-stage.ts";

const ACTIONS_PER_ROUND = 8;
/** Caches fill. */
const WARM_UP_SHARE = 0.2;
const FEWEST_WARM_UP_ROUNDS = 3;
/** Less time says nothing about an hour. */
const SHORTEST_JUDGED_MINUTES = 15;
/** What may be more after the last round than after the warm-up: a socket that closes in its own time. */
const DESCRIPTOR_SLACK = 4;

/** With 95 % confidence it grows slower, in its unit an hour. */
const limitsPerHour = { usedKib: 4 * 1024, residentKib: 24 * 1024, descriptors: 8, latencyMs: 40 } as const;

const { values } = parseArgs({
  options: {
    minutes: { type: "string" },
    hours: { type: "string" },
    seed: { type: "string" },
    report: { type: "string" },
  },
});
const minutes = values.minutes === undefined ? 60 * Number(values.hours ?? "0.5") : Number(values.minutes);
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) {
  say("usage: soak [--hours N | --minutes N] [--seed N] [--report FILE]");
  process.exit(64);
}

interface Round extends Holdings {
  readonly atMs: number;
  readonly settledMs: number;
  readonly latencyMs: number;
}

const rounds: Round[] = [];
const failures: string[] = [];
const startMs = performance.now();
let doing = "opening";
process.once("disconnect", () => process.exit(1)); // whoever started it is gone
process.on("uncaughtException", (error) => failures.push(`uncaught: ${error.stack ?? error}`));
process.on("unhandledRejection", (error) => failures.push(`unhandled: ${error instanceof Error ? error.stack : error}`));
say(`soak for ${minutes} minutes; --seed ${seed} replays it`);
try {
  const stage = await SoakStage.open();
  try {
    await shake(stage);
  } finally {
    await stage.close();
  }
} catch (error) {
  failures.push(`round ${rounds.length + 1}, ${doing}: ${error instanceof Error ? error.message : error}`);
}
if (failures.length === 0) judge();
for (const failure of failures) say(`failed: ${failure} (--seed ${seed} replays it)`);
if (values.report !== undefined) await writeFile(values.report, JSON.stringify({ seed, minutes, rounds, failures }));
await releaseNatives();
process.exit(failures.length === 0 ? 0 : 1);

async function shake(stage: SoakStage): Promise<void> {
  for (const actions of schedule(seed, ACTIONS_PER_ROUND)) {
    for (const action of actions) {
      doing = action.kind;
      await stage.perform(action);
    }
    doing = `after ${actions.map(({ kind }) => kind).join(", ")}`;
    const settledMs = Math.round(await stage.settle());
    doing = "at rest";
    const latencyMs = Math.round(await stage.rest());
    const round = { atMs: Math.round(performance.now() - startMs), settledMs, latencyMs, ...(await holdings()) };
    rounds.push(round);
    const { usedKib, residentKib, descriptors, children } = round;
    say(
      `round ${rounds.length}: settled after ${settledMs} ms, heard after ${latencyMs} ms; ${usedKib} KiB used, ${residentKib} KiB resident, ${descriptors} descriptors, ${children} children`,
    );
    if (failures.length > 0 || performance.now() - startMs > minutes * 60_000) return;
  }
}

function judge(): void {
  const warm = Math.max(FEWEST_WARM_UP_ROUNDS, Math.ceil(WARM_UP_SHARE * rounds.length));
  const judged = rounds.slice(warm);
  const [first, last] = [judged[0], judged.at(-1)];
  if (!first || !last) return void failures.push(`only ${rounds.length} rounds fitted in, and ${warm} of them warm up`);
  if (last.descriptors > first.descriptors + DESCRIPTOR_SLACK) {
    failures.push(`descriptors went from ${first.descriptors} to ${last.descriptors}`);
  }
  if (last.children > first.children) failures.push(`children went from ${first.children} to ${last.children}`);
  if (minutes < SHORTEST_JUDGED_MINUTES) return;
  for (const [name, limit] of Object.entries(limitsPerHour) as [keyof typeof limitsPerHour, number][]) {
    const { perHour, boundPerHour } = slopeOf(judged.map((round) => ({ atMs: round.atMs, value: round[name] })));
    say(`${name}: ${Math.round(perHour)} an hour, below ${Math.round(boundPerHour)} with 95 % confidence; the limit is ${limit}`);
    if (boundPerHour >= limit) failures.push(`${name} may grow by ${Math.round(boundPerHour)} an hour`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
