import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { RoomtoneError } from "@roomtone/core";
import { allowBuildsFix, type NativePackage, nativeMissing } from "../natives/native-missing.js";

export const naudiodon: NativePackage = { name: "naudiodon", without: "audio devices cannot be used" };

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
    folder = dirname(createRequire(from).resolve(`${naudiodon.name}/package.json`));
  } catch (cause) {
    const what = `the optional package ${naudiodon.name} is not installed`;
    throw nativeMissing(naudiodon, appleSilicon() ?? { what, fix: `npm install ${naudiodon.name}` }, cause);
  }
  const path = join(folder, "build", "Release", "naudiodon.node");
  if (!existsSync(path)) {
    const what = `the native part of ${naudiodon.name} was not built`;
    throw nativeMissing(naudiodon, appleSilicon() ?? { what, fix: allowBuildsFix(naudiodon.name) });
  }
  return path;
}

/** The error for a binding that is there and does not load. */
export function bindingDoesNotLoad(): RoomtoneError {
  const what = `the native part of ${naudiodon.name} does not load on this system (${process.platform} ${process.arch})`;
  return nativeMissing(naudiodon, appleSilicon() ?? { what, fix: `npm rebuild ${naudiodon.name}` });
}

/** The package has a PortAudio for Intel only, so that it does not even link there. */
function appleSilicon(platform: string = process.platform, arch: string = process.arch): { what: string; fix: string } | undefined {
  if (platform !== "darwin" || arch !== "arm64") return undefined;
  return {
    what: `${naudiodon.name} has no library for Apple silicon`,
    fix: "use a Node for x64, or pipe audio in: sox -d -t wav - | roomtone publish --input -",
  };
}
