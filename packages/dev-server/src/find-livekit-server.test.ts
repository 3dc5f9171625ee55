import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { isRoomtoneError } from "@roomtone/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultCacheFolder, findLiveKitServer, getCachedServer } from "./find-livekit-server.js";
import { archiveName } from "./release-archive.js";
import { LIVEKIT_SERVER_VERSION } from "./server-version.js";

const version = LIVEKIT_SERVER_VERSION;
const noReleases = "http://127.0.0.1:9";
const noGo = "/nonexistent/go";
let folder: string;
let cacheFolder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomtone-find-"));
  cacheFolder = join(folder, "cache");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function script(name: string, body: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

const serverScript = (said: string): string => `#!/bin/sh\necho "livekit-server version ${said}"\n`;

/** A stand-in for Go that counts its runs, and takes its time. */
function fakeGo(said = version): Promise<string> {
  return script(
    "go",
    `echo run >> "${folder}/runs"; sleep 0.3; printf '%s' '${serverScript(said)}' > "$GOBIN/server"; chmod 755 "$GOBIN/server"`,
  );
}

describe.skipIf(process.platform === "win32")("finding livekit-server", () => {
  it("takes the given path, and warns where its version is another", async () => {
    const lines: string[] = [];
    const path = await script("other", 'echo "livekit-server version 1.9.0"');
    expect(await findLiveKitServer({ serverPath: path, onProgress: (line) => lines.push(line) })).toBe(path);
    expect(lines).toEqual([`warning: ${path} is livekit-server 1.9.0; Roomtone is tested with ${version}`]);
  });

  it("refuses a given path that is no livekit-server", async () => {
    for (const serverPath of [join(folder, "missing"), await script("wrong", "echo hello"), folder]) {
      await expect(findLiveKitServer({ serverPath })).rejects.toMatchObject({ code: "usage" });
    }
  });

  it("builds with Go once for concurrent callers, and then takes the cached one", async () => {
    const lines: string[] = [];
    const options = { cacheFolder, goCommand: await fakeGo(), releasesUrl: noReleases, onProgress: (line: string) => lines.push(line) };
    const paths = await Promise.all([getCachedServer(options), getCachedServer(options), getCachedServer(options)]);
    expect(new Set(paths)).toEqual(new Set([join(cacheFolder, "livekit-server", version, "livekit-server")]));
    expect(await getCachedServer({ ...options, goCommand: noGo })).toBe(paths[0]);
    expect(await readFile(join(folder, "runs"), "utf8")).toBe("run\n");
    expect(lines.filter((line) => line.startsWith("waiting"))).toHaveLength(2);
    expect(await readdir(join(cacheFolder, "livekit-server", version))).toEqual(["livekit-server"]);
  });

  it("throws away what a crashed build has left", async () => {
    const left = join(cacheFolder, "livekit-server", version, "new-crashed");
    await mkdir(left, { recursive: true });
    await writeFile(join(left, "server"), "half of a ser");
    const path = await getCachedServer({ cacheFolder, goCommand: await fakeGo(), releasesUrl: noReleases });
    expect(await readdir(join(path, ".."))).toEqual(["livekit-server"]);
  });

  it("does not keep a server that is not the version asked for", async () => {
    const building = getCachedServer({ cacheFolder, goCommand: await fakeGo("1.14.0"), releasesUrl: noReleases });
    await expect(building).rejects.toMatchObject({ code: "native-missing" });
    expect(await readdir(join(cacheFolder, "livekit-server", version))).toEqual([]);
  });

  it("says in one sentence what is missing and how to get it", async () => {
    const error: unknown = await getCachedServer({ cacheFolder, goCommand: noGo, releasesUrl: noReleases }).catch(
      (cause: unknown) => cause,
    );
    expect(isRoomtoneError(error, "native-missing")).toBe(true);
    expect(String(error)).toMatch(/no Go toolchain.*official release.*Install Go.*LIVEKIT_SERVER_BIN/);
    expect(String(error)).not.toContain("\n");
  });

  it("says so where the cache folder cannot be made", async () => {
    await writeFile(cacheFolder, "a file");
    await expect(getCachedServer({ cacheFolder })).rejects.toMatchObject({ code: "output-unwritable" });
  });

  it("stops building when the signal aborts, and leaves no lock", async () => {
    const controller = new AbortController();
    const goCommand = await script("go", "exec sleep 60");
    const building = getCachedServer({ cacheFolder, goCommand, signal: controller.signal, onProgress: () => controller.abort() });
    await expect(building).rejects.toThrow(/abort/i);
    expect(await readdir(join(cacheFolder, "livekit-server", version))).toEqual([]);
  });
});

const archive = archiveName(process.platform, process.arch);

describe.skipIf(process.platform !== "linux" || !archive)("the official release", () => {
  let releases: Server;
  let releasesUrl: string;
  let checksum: string;
  beforeEach(async () => {
    await writeFile(join(folder, "livekit-server"), serverScript(version), { mode: 0o755 });
    await promisify(execFile)("tar", ["-czf", "archive.tar.gz", "livekit-server"], { cwd: folder });
    const bytes = await readFile(join(folder, "archive.tar.gz"));
    checksum = createHash("sha256").update(bytes).digest("hex");
    releases = createServer((request, response) => {
      if (request.url === `/v${version}/checksums.txt`) response.end(`${"0".repeat(64)}  livekit_other.tar.gz\n${checksum}  ${archive}\n`);
      else if (request.url === `/v${version}/${archive}`) response.end(bytes);
      else response.writeHead(404).end();
    }).listen(0, "127.0.0.1");
    await once(releases, "listening");
    releasesUrl = `http://127.0.0.1:${(releases.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    releases.closeAllConnections();
    releases.close();
  });

  it("is taken where there is no Go, and unpacked into the cache", async () => {
    const path = await getCachedServer({ cacheFolder, goCommand: noGo, releasesUrl });
    expect(await readFile(path, "utf8")).toBe(serverScript(version));
  });

  it("is refused where its checksum is not the published one", async () => {
    checksum = "f".repeat(64);
    const getting = getCachedServer({ cacheFolder, goCommand: noGo, releasesUrl });
    await expect(getting).rejects.toThrow(/does not have its published checksum/);
    expect(await readdir(join(cacheFolder, "livekit-server", version))).toEqual([]);
  });
});

it("names archives as the project does", () => {
  expect(archiveName("linux", "x64")).toBe(`livekit_${version}_linux_amd64.tar.gz`);
  expect(archiveName("linux", "arm")).toBe(`livekit_${version}_linux_armv7.tar.gz`);
  expect(archiveName("win32", "arm64")).toBe(`livekit_${version}_windows_arm64.zip`);
  expect(archiveName("darwin", "arm64")).toBeUndefined();
});

it("keeps the cache where each platform keeps caches", () => {
  expect(defaultCacheFolder("linux", "/home/ann")).toBe("/home/ann/.cache/roomtone");
  expect(defaultCacheFolder("darwin", "/Users/ann")).toBe("/Users/ann/Library/Caches/roomtone");
});
