import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { isRoomtoneError } from "@roomtone/core";
import { findBinding, naudiodon } from "../device/binding-path.js";
import { loadOpus, opus } from "./load-opus.js";
import { loadRtcNode, rtcNode } from "./load-rtc-node.js";
import type { NativePackage } from "./native-missing.js";

/** Whether a package with native code works here. */
export interface NativeCheck {
  readonly packageName: string;
  readonly ok: boolean;
  /** Of the package, where it is installed. */
  readonly version?: string;
  /** What is wrong and what to do, in a sentence, where something is. */
  readonly message?: string;
}

/** Loads or looks up every native package of ours, each as its user does, and says which of them work. Opens no device and joins no room. */
export async function checkNatives(): Promise<readonly NativeCheck[]> {
  return [check(rtcNode, loadRtcNode), check(opus, loadOpus), check(naudiodon, findBinding)];
}

function check(native: NativePackage, load: () => unknown): NativeCheck {
  const version = installedVersion(native.name);
  const found = { packageName: native.name, ...(version ? { version } : {}) };
  try {
    load();
    return { ...found, ok: true };
  } catch (error) {
    return { ...found, ok: false, message: isRoomtoneError(error) ? error.message : `${native.without}: ${native.name} does not load` };
  }
}

/** Read from the package's folder: not every package lets its package.json be required. */
function installedVersion(name: string): string | undefined {
  try {
    let folder = dirname(createRequire(import.meta.url).resolve(name));
    for (; folder !== dirname(folder); folder = dirname(folder)) {
      const found = readManifest(join(folder, "package.json"));
      if (found?.name === name) return found.version;
    }
  } catch {
    // Not installed.
  }
  return undefined;
}

function readManifest(path: string): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as { name?: string; version?: string };
  } catch {
    return undefined;
  }
}
