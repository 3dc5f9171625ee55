import { appendFile, cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { root, runTool, tools } from "../src/tool.ts";

let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "roomtone-turbo-"));
  const left = new Set(["node_modules", "dist", ".git", ".turbo", "coverage"]);
  await cp(root, copy, { recursive: true, filter: (path) => !left.has(basename(path)) });
});
afterAll(() => rm(copy, { recursive: true, force: true }));

/** Each task's hash: a task runs again exactly when its hash is another. */
async function hashes(): Promise<Map<string, string>> {
  const { output } = await runTool(tools.turbo, ["run", "build", "typecheck", "--dry=json", `--cwd=${copy}`]);
  const { tasks } = JSON.parse(output.slice(output.indexOf("{"), output.lastIndexOf("}") + 1)) as {
    tasks: { taskId: string; hash: string }[];
  };
  return new Map(tasks.map(({ taskId, hash }) => [taskId, hash]));
}

async function changedBy(change: () => Promise<void>): Promise<string[]> {
  const before = await hashes();
  expect(before.size).toBeGreaterThan(9);
  await change();
  const after = await hashes();
  return [...after]
    .filter(([task, hash]) => before.get(task) !== hash)
    .map(([task]) => task)
    .sort();
}

const change = (path: string): Promise<void> => appendFile(join(copy, path), "\n// changed\n");

it("builds everything again that depends on core when core changes", async () => {
  const changed = await changedBy(() => change("packages/core/src/errors.ts"));
  const all = [...(await hashes()).keys()].sort();
  expect(changed).toEqual(all);
});

it("builds nothing of a package's siblings when it changes", async () => {
  const changed = await changedBy(() => change("packages/web-audio/src/index.ts"));
  // The page composes it, and the command line carries the page.
  const builders = ["@roomtone/web", "@roomtone/web-audio", "roomtone"];
  expect(changed).toEqual(builders.flatMap((name) => [`${name}#build`, `${name}#typecheck`]));
});

it("only checks types again when a test changes", async () => {
  const changed = await changedBy(async () => {
    await change("packages/dev-server/test/dev-server.test.ts");
    await change("packages/dev-server/src/build-lock.test.ts");
  });
  expect(changed).toEqual(["@roomtone/dev-server#typecheck"]);
});

it("builds the page again when any part of it changes", async () => {
  for (const path of ["apps/web/index.html", "apps/web/public/icon.svg", "apps/web/vite.config.ts", "apps/web/src/page.css"]) {
    expect(await changedBy(() => change(path))).toContain("@roomtone/web#build");
  }
});

it("builds everything again when the compiler's settings change, and nothing for a page of documentation", async () => {
  expect(await changedBy(() => writeFile(join(copy, "README.md"), "# Another\n"))).toEqual([]);
  expect((await changedBy(() => change("tsconfig.base.json"))).length).toBe((await hashes()).size);
});

it("takes a second build wholly from the cache", async () => {
  const run = () => runTool(tools.turbo, ["run", "build", "typecheck", "--output-logs=none", "--ui=stream"]);
  await run();
  expect((await run()).output).toMatch(/Cached:\s+(\d+) cached, \1 total/);
});
