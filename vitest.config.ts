import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// The lane is chosen by file name: `x.test.ts` runs always, `x.faults.test.ts` and `x.slow.test.ts` in lanes of their own.
const lane = process.env["ROOMTONE_LANE"] ?? "default";
const include = {
  default: ["{src,test}/**/*.test.ts"],
  faults: ["{src,test}/**/*.faults.test.ts"],
  slow: ["{src,test}/**/*.slow.test.ts"],
}[lane];
if (!include) throw new Error(`unknown lane ${lane}`);
const exclude = lane === "default" ? ["**/*.faults.test.ts", "**/*.slow.test.ts"] : [];

/** The files that take longest first, so that none of them is left when all others are done; the rest as vitest orders them. */
class LongestFirst extends BaseSequencer {
  static readonly #longest = [
    ...["soak.slow", "server-killed.slow", "load.slow", "sleep.slow"],
    ...["opus-driver", "consumer", "publishing", "opus-settings", "ten-lines", "lobby", "session", "room", "dev-server"],
    ...["ends", "pipe", "formats", "exit-codes", "microphone", "server-messages", "record-to-file"],
  ];

  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const longest = LongestFirst.#longest;
    const rank = ({ moduleId }: TestSpecification) => (longest.indexOf(basename(moduleId, ".test.ts")) + longest.length) % longest.length;
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

// Every workspace package is a project, and so are the scripts and the bench.
const roots = ["packages", "apps"]
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((root) => existsSync(join(root, "package.json")));
if (existsSync("scripts/test")) roots.push("scripts");
if (existsSync("bench/src")) roots.push("bench");

/** Tests that touch no device, process or native library: their files may share a worker, which saves a start for each. */
const withoutParts = new Set(["core", "testing"]);

// pnpm's launchers set it, so that programs under test would find packages that they do not depend on.
delete process.env["NODE_PATH"];

export default defineConfig({
  test: {
    // Tests wait for servers, devices and packets more than they compute; what endures is measured meanwhile.
    maxWorkers: lane === "slow" ? 2 : 5,
    sequence: { sequencer: LongestFirst },
    passWithNoTests: false,
    testTimeout: lane === "default" ? 30_000 : 600_000,
    hookTimeout: 120_000,
    projects: roots.map((root) => ({
      extends: true as const,
      root,
      test: { name: basename(root), include, exclude, isolate: !withoutParts.has(basename(root)) },
    })),
  },
});
