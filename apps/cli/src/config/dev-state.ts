import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Io } from "../io.js";

/** How to reach the server of a running `roomtone dev`. */
export interface DevAccess {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly room: string;
}

type DevIo = Pick<Io, "env" | "pid" | "isRunning">;

interface DevState extends DevAccess {
  readonly pid: number;
}

/** What `livekit-server --dev` listens on and takes: public knowledge, so no secret of anybody. */
const STANDARD: DevAccess = { url: "ws://127.0.0.1:7880", apiKey: "devkey", apiSecret: "secret", room: "roomtone" };

function statePath(env: Io["env"]): string {
  const folder = env["XDG_RUNTIME_DIR"] || env["XDG_CACHE_HOME"] || join(env["HOME"] || homedir(), ".cache");
  return join(folder, "roomtone", "dev.json");
}

/** Leaves a note, readable by this user alone, that `--dev` finds; returns its removal. */
export async function announceDevServer(access: DevAccess, io: DevIo): Promise<() => Promise<void>> {
  const path = statePath(io.env);
  const state: DevState = { ...access, pid: io.pid };
  const draft = `${path}.${io.pid}`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(draft, JSON.stringify(state), { mode: 0o600 });
  await rename(draft, path);
  return async () => {
    // A second `roomtone dev` may have left its own note meanwhile.
    if ((await readState(path))?.pid === io.pid) await rm(path, { force: true });
  };
}

/** Where `--dev` leads: to the running `roomtone dev`, else to the standard address and keys of `livekit-server --dev`. */
export async function findDevServer(io: DevIo): Promise<DevAccess> {
  const state = await readState(statePath(io.env));
  return state && io.isRunning(state.pid) ? state : STANDARD;
}

async function readState(path: string): Promise<DevState | undefined> {
  try {
    const state: unknown = JSON.parse(await readFile(path, "utf8"));
    return isDevState(state) ? state : undefined;
  } catch {
    return undefined; // no note, or one that nobody finished
  }
}

function isDevState(value: unknown): value is DevState {
  if (typeof value !== "object" || value === null) return false;
  const state = value as Record<string, unknown>;
  return typeof state["pid"] === "number" && ["url", "apiKey", "apiSecret", "room"].every((key) => typeof state[key] === "string");
}
