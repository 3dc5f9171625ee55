import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// The lane is chosen by file name: `x.test.ts` runs always, `x.faults.test.ts` and `x.slow.test.ts` in lanes of their own.
const lane = process.env["ROOMTONE_LANE"] ?? "default";
const files = { default: "*.test.ts", faults: "*.faults.test.ts", slow: "*.slow.test.ts" }[lane];
if (!files) throw new Error(`unknown lane ${lane}`);
const exclude = lane === "default" ? ["**/*.faults.test.ts", "**/*.slow.test.ts"] : [];

/** The files that take longest first, so that none of them is left when all others are done; the rest as vitest orders them. */
class LongestFirst extends BaseSequencer {
  static readonly #longest = [
    ...["soak.slow", "server-killed.slow", "load.slow", "sleep.slow"],
    ...["opus-driver", "consumer", "lobby", "room", "formats", "opus-settings", "session", "dev-server", "ends", "pipe", "exit-codes"],
    // What listens for gaps comes after them, and after the checks that run beside the first.
    ...["publishing", "ten-lines", "microphone", "server-messages", "record-to-file"],
  ];

  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const longest = LongestFirst.#longest;
    const rank = ({ moduleId }: TestSpecification) => {
      const place = longest.indexOf(basename(moduleId, ".test.ts"));
      return place < 0 ? longest.length : place;
    };
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

/** Tests whose files leave nothing behind in their process: they may share a worker, which saves a start for each. */
const sharing = new Set(["core", "testing", "node-audio/src"]);
/** A package that is named is one project; in a run of all, the part of it that shares workers is another. */
const isNamed = process.argv.some((argument) => argument.startsWith("--project"));

function projectsOf(root: string) {
  const name = basename(root);
  const units = `${name}/src`;
  const project = (projectName: string, folders: string) => ({
    extends: true as const,
    root,
    test: { name: projectName, include: [`${folders}/**/${files}`], exclude, isolate: !sharing.has(projectName) },
  });
  return sharing.has(units) && !isNamed ? [project(name, "test"), project(units, "src")] : [project(name, "{src,test}")];
}

// pnpm's launchers set it, so that programs under test would find packages that they do not depend on.
delete process.env["NODE_PATH"];

export default defineConfig({
  test: {
    // Tests wait for servers, devices and packets more than they compute; five make gaps in what is listened to. What endures is measured meanwhile.
    maxWorkers: lane === "slow" ? 2 : 4,
    sequence: { sequencer: LongestFirst },
    passWithNoTests: false,
    testTimeout: lane === "default" ? 30_000 : 600_000,
    hookTimeout: 120_000,
    projects: roots.flatMap(projectsOf),
  },
});
