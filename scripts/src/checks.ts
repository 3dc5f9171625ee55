import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "./build.ts";
import { checkDependencyRules } from "./dependency-rules.ts";
import { lockfileProblems } from "./lockfile.ts";
import { checkPackedPackages } from "./packed-packages.ts";
import { tell } from "./step.ts";
import { root, runTool, tools } from "./tool.ts";

/** Undefined where all is well, else what to show. */
type Check = () => Promise<string | undefined>;

async function byExitCode(run: ReturnType<typeof runTool>): Promise<string | undefined> {
  const { exitCode, output } = await run;
  return exitCode === 0 ? undefined : output;
}

/** What needs no more than the sources. */
const sourceChecks: Readonly<Record<string, Check>> = {
  biome: () => byExitCode(runTool(tools.biome, ["check", "."])),
  "scripts' types": () => byExitCode(runTool(tools.tsc, ["-p", "scripts"])),
  lockfile: async () => lockfileProblems(await readFile(join(root, "pnpm-lock.yaml"), "utf8")).join("\n") || undefined,
  "dependency rules": async () => (await checkDependencyRules(root)).join("\n") || undefined,
};

/** What reads what the build wrote. */
const builtChecks: Readonly<Record<string, Check>> = {
  types: () => build(["typecheck"]),
  knip: () => byExitCode(runTool(tools.knip, ["--no-progress", "--no-config-hints", "--cache"])),
  "packed packages": async () => (await checkPackedPackages()).join("\n") || undefined,
};

export interface Checks {
  /** Whether tests can run. */
  readonly isBuilt: Promise<boolean>;
  /** The names of those that failed, when all are done. */
  readonly failed: Promise<readonly string[]>;
}

/** Starts every check that is not a test. What needs no build runs beside it, and what needs one beside the tests. */
export function startChecks(): Checks {
  const sources = runTogether(sourceChecks);
  const building = runTogether({ build: () => build(["build"]) });
  const isBuilt = building.then((failed) => failed.length === 0);
  const built = isBuilt.then((isThere) => (isThere ? runTogether(builtChecks) : []));
  return { isBuilt, failed: Promise.all([sources, building, built]).then((failed) => failed.flat()) };
}

async function runTogether(checks: Readonly<Record<string, Check>>): Promise<string[]> {
  const failed: string[] = [];
  await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const startedMs = performance.now();
      // One that throws has failed too: the others and the tests go on.
      const problem = await check().catch((error: unknown) => String(error));
      const elapsed = `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
      tell(`${problem === undefined ? "ok" : "FAILED"}: ${name} (${elapsed})`);
      if (problem === undefined) return;
      process.stderr.write(`${problem.trimEnd()}\n`);
      failed.push(name);
    }),
  );
  return failed;
}
