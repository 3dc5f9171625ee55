import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { defaultCacheFolder } from "@roomtone/dev-server";
import { runIsolated } from "./isolated-network.js";

const run = promisify(execFile);
const VERSION = "v4.2.17";
const NAME = "whip-whep";

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

/**
 * Runs `visitor` beside the server, in a network of theirs, until it ends; returns the last line that it printed. The server listens on every
 * address, asks a public STUN server, and leaves loopback out of its candidates.
 */
export async function visitPionServer(server: string, visitor: string): Promise<unknown> {
  const both = `"$1" > /dev/null 2>&1 & server=$!; "$2" "$3"; code=$?; kill "$server"; wait "$server"; exit "$code"`;
  const stdout = await runIsolated(["sh", "-c", both, "sh", server, process.execPath, visitor]);
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
}
