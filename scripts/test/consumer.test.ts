import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PackedPackage, packAll } from "../src/pack.ts";
import { runCommand, type ToolResult, tools } from "../src/tool.ts";
import { npmFile, onPath } from "./npm-file.ts";

// The oldest Node that the packages' `engines` allow.
const OLDEST_NODE_VERSION = "22.12.0";
const INSTALL_WITHIN_MS = 300_000;

let folder: string;
let packed: readonly PackedPackage[];
let env: Record<string, string>;
let oldestNode: string;

const npm = (args: readonly string[], cwd: string): Promise<ToolResult> =>
  runCommand(process.execPath, [npmFile("npm-cli.js"), ...args], { cwd, env });
const npx = (args: readonly string[], cwd: string, environment = env): Promise<ToolResult> =>
  runCommand(process.execPath, [npmFile("npx-cli.js"), ...args], { cwd, env: environment });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomtone consumer "));
  // What an installation may use: Node and a shell, and neither a compiler nor Python nor make.
  const commands = join(folder, "commands");
  await mkdir(commands);
  for (const command of ["sh", "env", "uname", "tar", "sed", "dirname", "basename", "cat"]) {
    const path = onPath(command);
    if (path) await symlink(path, join(commands, command));
  }
  await symlink(process.execPath, join(commands, "node"));
  env = {
    PATH: commands,
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
    npm_config_ignore_scripts: "false",
  };
  const [all, oldest] = await Promise.all([
    packAll(folder),
    npx(["--yes", `--package=node@${OLDEST_NODE_VERSION}`, "--", "node", "-p", "process.execPath"], folder, {}),
  ]);
  packed = all;
  oldestNode = oldest.output.trim().split("\n").at(-1) ?? "";
  expect((await runCommand(oldestNode, ["-v"])).output).toBe(`v${OLDEST_NODE_VERSION}\n`);
}, INSTALL_WITHIN_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

const tarballs = (): Record<string, string> => Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));

/** An empty project elsewhere, with every package from its tarball and the peers that they ask for. */
async function createProject(name: string): Promise<string> {
  const project = join(folder, name);
  await mkdir(project);
  const dependencies = { ...tarballs(), "@livekit/rtc-node": "1.1.0", "@types/node": "22.12.0", vitest: "5.1.1" };
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module", dependencies }));
  await writeFile(
    join(project, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        target: "ES2022",
        lib: ["ES2022", "DOM"],
        module: "NodeNext",
        types: ["node"],
        skipLibCheck: false,
      },
      include: ["consumer.ts"],
    }),
  );
  // A library's types are checked as far as they are used: every export of every package is.
  const libraries = packed.filter(({ manifest }) => "exports" in manifest).map((one) => one.name);
  const source = libraries.map((library, index) => `import * as library${index} from "${library}";\n`).join("");
  await writeFile(
    join(project, "consumer.ts"),
    `${source}console.log(${libraries.map((_, index) => `Object.keys(library${index})`).join(", ")});\n`,
  );
  // `@roomtone/testing` is for test files: it wants its runner around it.
  const imported = libraries.filter((library) => library !== "@roomtone/testing");
  const run = imported.map((library) => `await import("${library}");`).join("\n");
  await writeFile(join(project, "consumer.mjs"), `${run}\nconsole.log("imported", process.version);\n`);
  return project;
}

async function expectWorking(project: string): Promise<void> {
  const [types, ...runs] = await Promise.all([
    runCommand(process.execPath, [tools.tsc, "-p", project]),
    ...[process.execPath, oldestNode].map((node) => runCommand(node, [join(project, "consumer.mjs")], { env })),
  ]);
  expect(types).toEqual({ exitCode: 0, output: "" });
  expect(runs).toEqual([
    { exitCode: 0, output: `imported ${process.version}\n` },
    { exitCode: 0, output: `imported v${OLDEST_NODE_VERSION}\n` },
  ]);
  if (!packed.some(({ name }) => name === "roomtone")) return;
  const help = await npx(["--no-install", "roomtone", "--help"], project);
  expect(help).toMatchObject({ exitCode: 0, output: expect.stringContaining("roomtone publish") });
}

describe.skipIf(process.platform === "win32")("the packed packages, in a project of their own without a compiler", () => {
  it("say nothing of the workspace", () => {
    expect(packed.length).toBeGreaterThan(4);
    for (const { manifest } of packed) expect(JSON.stringify(manifest)).not.toContain("workspace:");
  });

  it.concurrent("are installed by npm, type-check and run", { timeout: INSTALL_WITHIN_MS }, async () => {
    const project = await createProject("with npm");
    const installed = await npm(["install", "--no-package-lock", "--prefer-offline"], project);
    expect(installed.exitCode, installed.output).toBe(0);
    await expectWorking(project);
  });

  it.concurrent("are installed by pnpm without approving builds, type-check and run", { timeout: INSTALL_WITHIN_MS }, async () => {
    const project = await createProject("with pnpm");
    // A registry would have the siblings; here every mention of them means the tarball. Since pnpm 11 an installation
    // with undecided builds is complete and yet an error: this says that a warning is enough.
    await writeFile(join(project, "pnpm-workspace.yaml"), JSON.stringify({ overrides: tarballs(), strictDepBuilds: false }));
    const pnpm = onPath("pnpm");
    const installed = await runCommand(pnpm ?? "pnpm", ["install", "--no-frozen-lockfile", "--prefer-offline"], {
      cwd: project,
      env: { ...env, CI: "true" },
    });
    expect(installed.exitCode, installed.output).toBe(0);
    await expectWorking(project);
  });
});
