import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { LIVEKIT_SERVER_VERSION } from "./server-version.js";

/** Where the official releases are. */
export const RELEASES_URL = "https://github.com/livekit/livekit/releases/download";

const run = promisify(execFile);
const DOWNLOAD_WITHIN_MS = 300_000;

/** Downloads the official release into `folder`, and unpacks it if it is what the release's checksum file says. */
export async function downloadRelease(
  folder: string,
  options: { releasesUrl: string; onProgress: (line: string) => void; signal?: AbortSignal },
): Promise<{ path: string } | { failure: string }> {
  const name = archiveName(process.platform, process.arch);
  if (!name) return { failure: `there is no official release for ${process.platform} on ${process.arch}` };
  const timeout = AbortSignal.timeout(DOWNLOAD_WITHIN_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  const base = `${options.releasesUrl}/v${LIVEKIT_SERVER_VERSION}`;
  try {
    const checksums = (await fetchBytes(`${base}/checksums.txt`, signal)).toString("utf8");
    const expected = new RegExp(`^([0-9a-f]{64})\\s+\\*?${name.replaceAll(".", "\\.")}$`, "m").exec(checksums)?.[1];
    if (!expected) return { failure: `the release's checksum file does not list ${name}` };
    options.onProgress(`downloading ${name}`);
    const archive = await fetchBytes(`${base}/${name}`, signal);
    if (createHash("sha256").update(archive).digest("hex") !== expected) {
      return { failure: `the downloaded ${name} does not have its published checksum` };
    }
    await writeFile(join(folder, name), archive, { flush: true });
    // Windows' own tar reads zip archives too.
    const executable = process.platform === "win32" ? "livekit-server.exe" : "livekit-server";
    await run("tar", ["-xf", name, executable], { cwd: folder, windowsHide: true, signal });
    return { path: join(folder, executable) };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { failure: `the official release could not be had (${reasonOf(error)})` };
  }
}

/** As the project's release configuration names them; undefined where none is published (macOS: Homebrew has one). */
export function archiveName(platform: NodeJS.Platform, arch: string): string | undefined {
  const cpu = new Map([
    ["x64", "amd64"],
    ["arm64", "arm64"],
    ["arm", "armv7"],
  ]).get(arch);
  if (!cpu || (platform !== "linux" && platform !== "win32")) return undefined;
  return `livekit_${LIVEKIT_SERVER_VERSION}_${platform === "linux" ? "linux" : "windows"}_${cpu}.${platform === "linux" ? "tar.gz" : "zip"}`;
}

async function fetchBytes(url: string, signal: AbortSignal): Promise<Buffer> {
  const response = await fetch(url, { signal });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`status ${response.status}`);
  }
  return Buffer.from(await response.arrayBuffer());
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown reason";
  const cause = error.cause as { code?: unknown } | undefined;
  return typeof cause?.code === "string" ? cause.code : error.message;
}
