import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { RoomtoneError } from "@roomtone/core";

const PACKAGE_NAME = "naudiodon";

/**
 * The path of PortAudio's binding. The package's index is never imported: it installs a SIGSEGV handler, which writes a `crash.log`
 * and swallows the signal.
 *
 * @param from a file or URL to resolve from
 * @throws RoomtoneError `native-missing`
 */
export function findBinding(from: string = import.meta.url): string {
  let folder: string;
  try {
    folder = dirname(createRequire(from).resolve(`${PACKAGE_NAME}/package.json`));
  } catch (cause) {
    throw nativeMissing(`the optional package ${PACKAGE_NAME} is not installed`, `npm install ${PACKAGE_NAME}`, cause);
  }
  const path = join(folder, "build", "Release", "naudiodon.node");
  if (!existsSync(path)) {
    throw nativeMissing(`the native part of ${PACKAGE_NAME} was not built`, `pnpm approve-builds, or npm rebuild ${PACKAGE_NAME}`);
  }
  return path;
}

/** The error for a binding that is there and does not load. */
export function bindingDoesNotLoad(cause?: unknown): RoomtoneError {
  return nativeMissing(
    `the native part of ${PACKAGE_NAME} does not load in this Node (${process.platform} ${process.arch})`,
    `npm rebuild ${PACKAGE_NAME}`,
    cause,
  );
}

function nativeMissing(what: string, fix: string, cause?: unknown): RoomtoneError {
  // The library inside the package is x86_64 only, whichever way it is installed.
  const appleSilicon = process.platform === "darwin" && process.arch === "arm64";
  const message = appleSilicon
    ? `audio devices cannot be used on Apple silicon with this Node: ${PACKAGE_NAME} has a library for Intel only. Use a Node for x64 (Rosetta), or pipe audio in: sox -d -t wav - | roomtone publish --input -`
    : `audio devices cannot be used: ${what}. To fix it: ${fix}`;
  return new RoomtoneError("native-missing", message, { packageName: PACKAGE_NAME }, { cause });
}
