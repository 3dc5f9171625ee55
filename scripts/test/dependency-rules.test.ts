import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { checkDependencyRules, importsOf } from "../src/dependency-rules.ts";
import { root as repository } from "../src/tool.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "roomtone-rules-"));
  await write("packages/core", { "package.json": { name: "@roomtone/core" } });
  await write("packages/testing", { "package.json": { name: "@roomtone/testing", dependencies: { "@roomtone/core": "*" } } });
  await write("packages/dev-server", { "package.json": { name: "@roomtone/dev-server", dependencies: { "@roomtone/core": "*" } } });
});
afterEach(() => rm(root, { recursive: true }));

async function write(folder: string, files: Record<string, unknown>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  }
}

it("finds nothing wrong here", async () => {
  expect(await checkDependencyRules(repository)).toEqual([]);
});

it("lets packages import in the one direction, and tests what they declare", async () => {
  await write("packages/node-audio", {
    "package.json": {
      name: "@roomtone/node-audio",
      dependencies: { "@roomtone/core": "*" },
      optionalDependencies: { naudiodon: "*" },
      devDependencies: { "@roomtone/testing": "*", "@roomtone/dev-server": "*" },
    },
    "src/index.ts": 'import type { A } from "@roomtone/core";\nimport "./other.js";\nconst n = await import("naudiodon");\n',
    "src/index.test.ts": 'import { b } from "@roomtone/testing";\nimport fs from "node:fs";',
    "test/room.test.ts": 'import { c } from "@roomtone/dev-server";\nimport { d } from "@roomtone/node-audio";',
  });
  expect(await checkDependencyRules(root)).toEqual([]);
});

it.each([
  ["core, which imports nothing of the runtime", "packages/core", 'import fs from "node:fs";', /core has no runtime/],
  [
    "a package that imports against the direction",
    "packages/core",
    'export * from "@roomtone/dev-server";',
    /against the dependencies' direction/,
  ],
  ["a package that imports a sibling's tests' tools", "packages/dev-server", 'import { x } from "@roomtone/testing";', /only tests import/],
  ["a package that reaches into another's folder", "packages/dev-server", 'import { x } from "../../core/src/x.js";', /leaves the package/],
  [
    "a package that imports what it does not declare",
    "packages/dev-server",
    'const p = await import("left-pad/x");',
    /left-pad is not declared/,
  ],
  ["a package that imports itself by name", "packages/dev-server", 'import "@roomtone/dev-server";', /its own package/],
])("finds %s", async (_, folder, source, sentence) => {
  await write(folder, { "src/wrong.ts": source });
  const problems = await checkDependencyRules(root);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(sentence);
  expect(problems[0]).toContain(`${folder}/src/wrong.ts`);
});

it("finds a manifest against the direction, and a package that no rule speaks of", async () => {
  await write("packages/dev-server", { "package.json": { name: "@roomtone/dev-server", dependencies: { "@roomtone/testing": "*" } } });
  await write("packages/new", { "package.json": { name: "@roomtone/new" } });
  expect(await checkDependencyRules(root)).toEqual([
    "packages/dev-server/package.json: @roomtone/testing in dependencies is against the dependencies' direction.",
    "packages/new: scripts/src/dependency-rules.ts does not say what it may use.",
  ]);
});

it("reads every form of import, and none in a comment or a text", () => {
  const source = `
    import a from "a";
    import { b,
      c } from 'b/c';
    import "d";
    export * from "@e/f/g";
    const h = await import("h");
    const i = require("i");
    // import "no";
    /** import "nor"; */
    const url = "https://example.test"; import("j");
    expect(text).toContain('where it comes from")');
    expect("it is from").toBe("import 'no'");
    const program = \`import "neither";\`;
    import k from "k";`;
  expect(importsOf(source)).toEqual(["a", "b/c", "d", "@e/f/g", "h", "i", "j", "k"]);
});
