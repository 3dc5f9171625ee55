/**
 * Brings the runtime (Node 24 and pnpm, through npm) and the dependencies, then runs the rest in it: `scripts/src/run.ts`.
 * Plain Node 20 without dependencies: it has to work before anything is installed.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runTransparently } from "./transparent-child.mjs";

const NODE_VERSION = "24.21.0";
const PNPM_VERSION = "12.21.0";
const HEARTBEAT_MS = 10_000;
const NODE_ARGUMENTS = ["--disable-warning=ExperimentalWarning"];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === "win32";
const nodePath = join(root, "node_modules", "node", "bin", windows ? "node.exe" : "node");
const stampPath = join(root, "node_modules", ".roomtone-install.json");

/** @param {string} sentence @returns {never} */
function fail(sentence) {
  process.stderr.write(`roomtone: ${sentence}\n`);
  process.exit(1);
}

/** npx without a shell: a `.cmd` cannot be spawned, and a shell would want quotes that differ by system. */
function npxCommand() {
  const candidates = [
    process.env["npm_execpath"] && join(dirname(process.env["npm_execpath"]), "npx-cli.js"),
    join(dirname(process.execPath), "node_modules", "npm", "bin", "npx-cli.js"),
    join(dirname(process.execPath), "..", "lib", "node_modules", "npm", "bin", "npx-cli.js"),
  ];
  const script = candidates.find((path) => path && existsSync(path));
  if (script) return [process.execPath, script];
  if (windows) fail("npm was not found next to Node: start with `npm start` or `npm test`.");
  return ["npx"];
}

const [npx = "npx", ...npxArguments] = npxCommand();
const withTools = [...npxArguments, "--yes", `--package=node@${NODE_VERSION}`, `--package=pnpm@${PNPM_VERSION}`, "--"];

/**
 * What decides whether the dependencies on the disk are the right ones: what the lockfile says, and what native libraries
 * are built for (one place, one system, one Node).
 */
function wantedStamp() {
  /** @param {(string | Buffer)[]} parts */
  const hashOf = (parts) => {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part).update("\0");
    return hash.digest("hex");
  };
  return {
    packages: hashOf(["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"].map((file) => readFileSync(join(root, file)))),
    place: hashOf([root, process.platform, process.arch, NODE_VERSION, PNPM_VERSION]),
  };
}

/** @returns {{ packages: string, place: string, toolsFolder: string } | undefined} */
function readStamp() {
  try {
    return JSON.parse(readFileSync(stampPath, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * naudiodon's build puts its path into linker flags unquoted. In a folder whose path has a space, the packages' files go
 * to a folder of the cache that has none.
 */
function virtualStore() {
  if (windows || !root.includes(" ")) return [];
  const folder = join(homedir(), ".cache", "roomtone", `modules-${wantedStamp().place.slice(0, 12)}`);
  return [`--virtual-store-dir=${folder}`];
}

/**
 * Runs a long command with a line now and then; its output is shown only where it fails.
 * @param {string} what
 * @param {string[]} args
 */
async function runLong(what, args) {
  const startedMs = Date.now();
  const elapsed = () => `${Math.round((Date.now() - startedMs) / 1000)} s`;
  process.stderr.write(`roomtone: ${what}…\n`);
  const heartbeat = setInterval(() => process.stderr.write(`roomtone: ${what}, ${elapsed()}…\n`), HEARTBEAT_MS);
  const child = spawn(npx, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output = (output + text).slice(-20_000);
    });
  }
  const code = await new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", resolve);
  });
  clearInterval(heartbeat);
  if (code !== 0) {
    process.stderr.write(`${output.split("\n").slice(-40).join("\n")}\n`);
    fail(`${what} failed (${code}): the lines above say why.`);
  }
  process.stderr.write(`roomtone: ${what}: done in ${elapsed()}\n`);
}

/** The folder that has the `node` and `pnpm` that npx brought. */
function bringTools() {
  process.stderr.write(`roomtone: getting Node ${NODE_VERSION} and pnpm ${PNPM_VERSION} through npm…\n`);
  const asked = spawnSync(npx, [...withTools, "node", fileURLToPath(import.meta.url), "--tools"], { cwd: root, encoding: "utf8" });
  if (asked.status !== 0) {
    process.stderr.write(asked.stderr || `${asked.error?.message}\n`);
    fail(`npm could not bring Node ${NODE_VERSION} and pnpm ${PNPM_VERSION}: check the network and npm's registry setting.`);
  }
  const tools = JSON.parse(asked.stdout.trim().split("\n").at(-1) ?? "{}");
  if (tools.version !== `v${NODE_VERSION}`) {
    fail(
      `npm left Node at ${tools.version}, because its setting ignore-scripts keeps the \`node\` package from unpacking: ` +
        "run `npm config set ignore-scripts false`, or this command with npm_config_ignore_scripts=false in the environment.",
    );
  }
  return tools.folder;
}

function tellTools() {
  const folder = (process.env["PATH"] ?? "").split(delimiter).find((path) => existsSync(join(path, windows ? "pnpm.cmd" : "pnpm")));
  process.stdout.write(`\n${JSON.stringify({ version: process.version, folder })}\n`);
}

/** Installs what the lockfile says, where that is not there already. Returns the folder of the tools. */
async function install() {
  const { packages, place } = wantedStamp();
  const installed = readStamp();
  const hasTools = installed !== undefined && existsSync(join(installed.toolsFolder, windows ? "pnpm.cmd" : "pnpm"));
  if (installed?.packages === packages && installed.place === place && hasTools && existsSync(nodePath)) return installed.toolsFolder;
  const toolsFolder = bringTools();
  const pnpm = [...withTools, "pnpm", "--config.confirm-modules-purge=false", ...virtualStore()];
  await runLong("installing dependencies and building native libraries", [...pnpm, "install", "--frozen-lockfile"]);
  if (installed && installed.place !== place) await runLong("building native libraries anew for this place", [...pnpm, "rebuild"]);
  const installedVersion = spawnSync(nodePath, ["-v"], { encoding: "utf8" }).stdout?.trim();
  if (installedVersion !== `v${NODE_VERSION}`) fail(`Node ${NODE_VERSION} was not installed: allow build scripts, then run this again.`);
  writeFileSync(stampPath, JSON.stringify({ packages, place, toolsFolder }));
  return toolsFolder;
}

/** @param {string} toolsFolder */
function runTheRest(toolsFolder) {
  const PATH = [toolsFolder, join(root, "node_modules", ".bin"), process.env["PATH"]].join(delimiter);
  const args = [...NODE_ARGUMENTS, join(root, "scripts", "src", "run.ts"), ...process.argv.slice(2)];
  runTransparently(nodePath, args, { cwd: root, env: { ...process.env, PATH } });
}

if (Number(process.versions.node.split(".")[0]) < 20) fail(`Node 20 or newer is needed to begin with; this is ${process.version}.`);
if (process.argv[2] === "--tools") tellTools();
else runTheRest(await install());
