import { constants } from "node:fs";
import { access, chmod, mkdir, mkdtemp, open, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { RoomtoneError } from "@roomtone/core";
import { withBuildLock } from "./build-lock.js";
import { buildWithGo } from "./go-build.js";
import { downloadRelease, RELEASES_URL } from "./release-archive.js";
import { findOnPath, LIVEKIT_SERVER_VERSION, readServerVersion } from "./server-version.js";

export interface FindLiveKitServerOptions {
  /** Used as it is; nothing else is looked for. */
  readonly serverPath?: string;
  /**
   * Where a built or downloaded server is kept. Default: `roomtone` in the platform's folder for caches under the home
   * folder. An app that honours `XDG_CACHE_HOME` or `LOCALAPPDATA` passes its own.
   */
  readonly cacheFolder?: string;
  /** Take the server on PATH in our version only. Default false: another version is taken with a warning line. */
  readonly exactVersion?: boolean;
  /** What is being done, one line at a time, for a person. */
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** The Go command. Default `go`. */
  readonly goCommand?: string;
  /** Where releases are downloaded from. Default: GitHub. */
  readonly releasesUrl?: string;
}

const executableName = process.platform === "win32" ? "livekit-server.exe" : "livekit-server";

/**
 * The path of a livekit-server: the given one, the one on PATH, the cached one, one built by Go into the cache, or the
 * official release, in this order. Concurrent callers, also of other processes, build once.
 * @throws RoomtoneError `usage` (the given path is no livekit-server), `native-missing` (none to be had), `output-unwritable` (the cache)
 */
export async function findLiveKitServer(options: FindLiveKitServerOptions = {}): Promise<string> {
  const { serverPath, signal, onProgress = () => {} } = options;
  signal?.throwIfAborted();
  if (serverPath !== undefined) {
    const version = await readServerVersion(serverPath, signal);
    if (!version) {
      throw new RoomtoneError("usage", `${serverPath} is not a livekit-server that runs here: check the path.`, { path: serverPath });
    }
    warnOfVersion(version, serverPath, onProgress);
    return serverPath;
  }
  const onPath = await findOnPath();
  const version = onPath && (await readServerVersion(onPath, signal));
  if (onPath && version && (version === LIVEKIT_SERVER_VERSION || !options.exactVersion)) {
    warnOfVersion(version, onPath, onProgress);
    return onPath;
  }
  return getCachedServer(options);
}

/** The cached server; where there is none yet, it is built or downloaded first. */
export async function getCachedServer(options: FindLiveKitServerOptions): Promise<string> {
  const { signal, onProgress = () => {} } = options;
  const folder = join(options.cacheFolder ?? defaultCacheFolder(), "livekit-server", LIVEKIT_SERVER_VERSION);
  const cached = join(folder, executableName);
  if (await isExecutable(cached)) return cached;
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new RoomtoneError(
      "output-unwritable",
      `The cache folder ${folder} cannot be made: choose another.`,
      { path: folder },
      { cause: error },
    );
  });
  const onWait = (): void => onProgress("waiting for another process that is getting livekit-server");
  return withBuildLock(join(folder, "lock"), { onWait, ...(signal ? { signal } : {}) }, async () => {
    if (!(await isExecutable(cached))) await fillCache(folder, cached, options);
    return cached;
  });
}

/** The platform's folder for caches, by the home folder alone. */
export function defaultCacheFolder(platform: NodeJS.Platform = process.platform, home: string = homedir()): string {
  if (platform === "darwin") return join(home, "Library", "Caches", "roomtone");
  if (platform === "win32") return join(home, "AppData", "Local", "roomtone", "Cache");
  return join(home, ".cache", "roomtone");
}

async function fillCache(folder: string, cached: string, options: FindLiveKitServerOptions): Promise<void> {
  const { goCommand = "go", releasesUrl = RELEASES_URL, onProgress = () => {} } = options;
  const passed = { onProgress, ...(options.signal ? { signal: options.signal } : {}) };
  // What a crash has left: we hold the lock, so nobody works in there.
  for (const entry of await readdir(folder)) {
    if (entry.startsWith("new-")) await rm(join(folder, entry), { recursive: true, force: true });
  }
  const workFolder = await mkdtemp(join(folder, "new-"));
  try {
    const failures: string[] = [];
    for (const get of [
      () => buildWithGo(workFolder, { goCommand, ...passed }),
      () => downloadRelease(workFolder, { releasesUrl, ...passed }),
    ]) {
      const got = await get();
      if ("failure" in got) failures.push(got.failure);
      else if (await install(got.path, cached)) return;
      else failures.push(`what was made says that it is not version ${LIVEKIT_SERVER_VERSION}`);
    }
    throw new RoomtoneError(
      "native-missing",
      `livekit-server ${LIVEKIT_SERVER_VERSION} is needed: ${failures.join("; ")}. Install Go (https://go.dev/dl) and run this again, ` +
        "or install livekit-server (https://docs.livekit.io/home/self-hosting/local) and put it on PATH or in LIVEKIT_SERVER_BIN.",
      { packageName: "livekit-server" },
    );
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

/** Moves a complete, working server into its place: nobody ever sees half of one. */
async function install(path: string, cached: string): Promise<boolean> {
  await chmod(path, 0o755);
  if ((await readServerVersion(path)) !== LIVEKIT_SERVER_VERSION) return false;
  const file = await open(path, "r+").catch(() => undefined);
  await file?.sync().finally(() => file.close());
  await rename(path, cached);
  return true;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function warnOfVersion(version: string, path: string, onProgress: (line: string) => void): void {
  if (version === LIVEKIT_SERVER_VERSION) return;
  onProgress(`warning: ${path} is livekit-server ${version}; Roomtone is tested with ${LIVEKIT_SERVER_VERSION}`);
}
