import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { RoomtoneError } from "@roomtone/core";
import { currentLibc, type Libc } from "./libc.js";
import { type NativeFault, type NativePackage, nativeMissing } from "./native-missing.js";

/** The package as its types describe it. It stays inside this package: nothing public speaks of it. */
export type RtcNode = typeof import("@livekit/rtc-node");

export const rtcNode: NativePackage = { name: "@livekit/rtc-node", without: "rooms cannot be joined" };

export interface LoadOptions {
  /** A file or URL to resolve from. Default: this file. */
  readonly from?: string;
  readonly libc?: Libc | undefined;
}

let loaded: RtcNode | undefined;
let released = false;

/**
 * Loads @livekit/rtc-node once, silently. Two copies of it in one process panic in native code: that is why it is a
 * peer dependency, and why everybody here gets it from this function.
 * @throws RoomtoneError `native-missing`; `unsupported` after `releaseNatives()`
 */
export function loadRtcNode(): RtcNode {
  if (released) {
    throw new RoomtoneError(
      "unsupported",
      "This process has called releaseNatives(), which is its last act: no room can be joined after it.",
    );
  }
  loaded ??= requireRtcNode();
  return loaded;
}

/** What is loaded, where anything is: marks it as released, so that nobody makes an object of it any more. */
export function takeRtcNodeForRelease(): RtcNode | undefined {
  if (loaded) released = true;
  return loaded;
}

/** Loads the package from where `from` sees it. @throws RoomtoneError `native-missing` */
export function requireRtcNode({ from = import.meta.url, libc = currentLibc() }: LoadOptions = {}): RtcNode {
  // Looked at first: on musl the loader's own error is a page about missing symbols.
  if (libc === "musl") throw nativeMissing(rtcNode, noMuslBuild);
  const require = createRequire(from);
  try {
    const main = require.resolve(rtcNode.name);
    const module = require(main) as RtcNode;
    silence(require, main);
    return module;
  } catch (error) {
    throw nativeMissing(rtcNode, explain(error), error);
  }
}

/**
 * Its log goes to standard output, at level debug unless NODE_ENV says production, and nothing public turns it off.
 * Standard output is our users' data, and the environment is not ours to change: so the logger itself is silenced,
 * which is a module of its own beside the package's main file.
 */
function silence(require: NodeJS.Require, main: string): void {
  const { log } = require(join(dirname(main), "log.cjs")) as { log: { level: string } };
  log.level = "silent";
}

const noMuslBuild: NativeFault = {
  what: `${rtcNode.name} has no build for musl, the C library of Alpine Linux`,
  fix: "run on a system with glibc, for example the image node:24-slim",
};

function explain(error: unknown): NativeFault {
  const { code, message } = error as { code?: string; message?: string };
  if (code === "MODULE_NOT_FOUND" && message?.includes(`'${rtcNode.name}'`)) {
    return { what: `${rtcNode.name} is not installed`, fix: `npm install ${rtcNode.name}` };
  }
  return {
    what: `the native part of ${rtcNode.name} does not load on this system (${process.platform} ${process.arch}, Node ${process.versions.node})`,
    fix: "install again with optional dependencies (no --no-optional, no node_modules copied from another system)",
  };
}
