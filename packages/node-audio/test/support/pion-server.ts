import { execFile, spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { defaultCacheFolder } from "@roomtone/dev-server";

const run = promisify(execFile);
const VERSION = "v4.2.17";
const NAME = "whip-whep";
/** A network of its own: the server listens on every address, asks a public STUN server, and leaves loopback out of its candidates. */
const ISOLATED = `ip link set lo up
ip link add v0 type veth peer name v1
ip addr add 198.51.100.1/24 dev v0
ip link set v0 up
ip link set v1 up
exec "$@"`;

/** Whether this machine lets us make networks: Linux, as root. */
export async function canIsolate(): Promise<boolean> {
  return isolated("true").then(
    () => true,
    () => false,
  );
}

/** Pion's own example of a WHIP and WHEP server, built once by the Go toolchain, which checks it against Go's checksum database. */
export async function getPionServer(): Promise<string> {
  const folder = join(defaultCacheFolder(), "pion", VERSION);
  const cached = join(folder, NAME);
  const isThere = await access(cached, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (isThere) return cached;
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, "new-"));
  try {
    await run("go", ["install", `github.com/pion/webrtc/v4/examples/${NAME}@${VERSION}`], {
      cwd: work,
      env: { ...process.env, GOBIN: work },
    });
    await rename(join(work, NAME), cached); // whole or not at all, whoever else builds it now
    return cached;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Runs `visitor` beside the server, in their network, until it ends; returns the last line that it printed. */
export async function visitPionServer(server: string, visitor: string): Promise<unknown> {
  const both = `"$1" > /dev/null 2>&1 & server=$!; "$2" "$3"; code=$?; kill "$server"; wait "$server"; exit "$code"`;
  const { stdout } = await isolated("sh", "-c", both, "sh", server, process.execPath, visitor);
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
}

async function isolated(...command: string[]): Promise<{ stdout: string }> {
  const child = spawn("unshare", ["--net", "--kill-child", "sh", "-ec", ISOLATED, "sh", ...command], { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-4096);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`ended with ${code}: ${stderr}`);
  return { stdout };
}
