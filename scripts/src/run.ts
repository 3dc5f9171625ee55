/** What `npm start`, `npm test` and the other lanes do, in the runtime that `bootstrap.mjs` brought. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { auditDependencies } from "./audit.ts";
import { build } from "./build.ts";
import { startChecks } from "./checks.ts";
import { laneArguments } from "./lane-arguments.ts";
import { checkNatives } from "./natives.ts";
import { prepareLiveKitServer } from "./prepare-server.ts";
import { writeReliability } from "./reliability.ts";
import { followParent, leaveOnSignal } from "./signals.ts";
import { step, tell } from "./step.ts";
import { ensureSystemPackages } from "./system-packages.ts";
import { printOutcome, runTests } from "./tests.ts";
import { root } from "./tool.ts";

const [lane = "", ...given] = process.argv.slice(2);
const { rest, writes } = laneArguments(lane, given);
followParent();
const stayOnSignal = leaveOnSignal();

async function buildOrLeave(tasks: readonly string[]): Promise<void> {
  const failure = await step("building", () => build(tasks));
  if (failure === undefined) return;
  process.stderr.write(failure);
  tell("the build failed: the lines above say why.");
  process.exit(1);
}

/** Becomes the command line: its handlers get our signals, and its exit code is ours. */
async function start(): Promise<void> {
  await Promise.all([buildOrLeave(["build"]), checkNatives()]);
  await prepareLiveKitServer();
  const entry = join(root, "apps", "cli", "dist", "bin.js");
  process.argv.splice(1, process.argv.length, entry, "dev", ...rest);
  stayOnSignal();
  await import(pathToFileURL(entry).href);
}

async function test(testLane: "default" | "faults" | "slow"): Promise<void> {
  const missing = await step("looking for system packages", ensureSystemPackages);
  // The other lanes are run beside this one, which checks everything.
  // The whole asks the registry what it knows of our dependencies; a part of the tests need not.
  const auditing = testLane === "default" && rest.length === 0 ? auditDependencies() : undefined;
  const checks = testLane === "default" ? startChecks() : undefined;
  if (!checks) await buildOrLeave(["build"]);
  else if (!(await checks.isBuilt)) {
    printOutcome({ passed: 0, failed: (await checks.failed).length, skipped: 0 });
    process.exit(1);
  }
  await Promise.all([checkNatives(), prepareLiveKitServer()]);
  const outcome = await runTests(testLane, rest);
  const failedChecks = (await checks?.failed) ?? [];
  if (writes && outcome.faults.length > 0) {
    writeReliability(outcome.faults, new Date().toISOString().slice(0, 10));
    tell(`${outcome.faults.length} faults are written to docs/reliability.md.`);
  }
  const skipped = process.env["CI"] && outcome.skipped > 0 ? [`${outcome.skipped} skipped tests, which CI does not allow`] : [];
  const audit = await auditing;
  const advisories = audit?.kind === "found" ? [`dependency audit: ${audit.advisories.join("; ")}`] : [];
  const failures = [...failedChecks, ...outcome.problems, ...skipped, ...advisories];
  for (const failure of failures) tell(`failed: ${failure}`);
  if (missing.length > 0) tell(`tests were skipped for want of: ${missing.join(" ")}`);
  const undone = audit?.kind === "undone";
  if (undone) tell("skipped: dependency audit, because the registry did not answer. Run `pnpm audit --prod` where it does.");
  const failed = outcome.failed + failures.length;
  printOutcome({ ...outcome, failed, skipped: outcome.skipped + (undone ? 1 : 0) });
  // Not `exit`: the last line may still be on its way.
  process.exitCode = failed > 0 ? outcome.exitCode || 1 : outcome.exitCode;
}

/** Becomes one of the repository's own programs. */
async function become(...path: string[]): Promise<void> {
  await Promise.all([buildOrLeave(["build"]), checkNatives()]);
  await prepareLiveKitServer();
  const entry = join(root, ...path);
  process.argv.splice(1, process.argv.length, entry, ...rest);
  stayOnSignal();
  await import(pathToFileURL(entry).href);
}

const lanes: Readonly<Record<string, () => Promise<void>>> = {
  start,
  test: () => test("default"),
  "test:faults": () => test("faults"),
  "test:slow": () => test("slow"),
  bench: () => become("bench", "src", "main.ts"),
  soak: () => become("packages", "node-audio", "test", "endurance", "soak.ts"),
};
const run = lanes[lane];
if (!run) {
  tell(`there is no lane "${lane}": ${Object.keys(lanes).join(", ")}.`);
  process.exit(64);
}
await run();
