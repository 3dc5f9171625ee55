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

const sourceChecks: Readonly<Record<string, Check>> = {
  biome: () => byExitCode(runTool(tools.biome, ["check", "."])),
  build: () => build(["build", "typecheck"]),
  "scripts' types": () => byExitCode(runTool(tools.tsc, ["-p", "scripts"])),
  lockfile: async () => lockfileProblems(await readFile(join(root, "pnpm-lock.yaml"), "utf8")).join("\n") || undefined,
  "dependency rules": async () => (await checkDependencyRules(root)).join("\n") || undefined,
};

// These read what the build wrote.
const packageChecks: Readonly<Record<string, Check>> = {
  knip: () => byExitCode(runTool(tools.knip, ["--no-progress", "--no-config-hints"])),
  "packed packages": async () => (await checkPackedPackages()).join("\n") || undefined,
};

/** Runs every check that is not a test; returns the names of those that failed. */
export async function runChecks(): Promise<string[]> {
  const failed = await runTogether(sourceChecks);
  if (failed.includes("build")) return failed;
  return [...failed, ...(await runTogether(packageChecks))];
}

async function runTogether(checks: Readonly<Record<string, Check>>): Promise<string[]> {
  const failed: string[] = [];
  await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const startedMs = performance.now();
      const problem = await check();
      const elapsed = `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
      tell(`${problem === undefined ? "ok" : "FAILED"}: ${name} (${elapsed})`);
      if (problem === undefined) return;
      process.stderr.write(`${problem.trimEnd()}\n`);
      failed.push(name);
    }),
  );
  return failed;
}
