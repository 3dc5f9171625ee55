import { RoomtoneError } from "@roomtone/core";
import { lacksDescriptors, tooManyOpenFiles } from "./descriptors.js";

/** A package with native code, and how to name what cannot be done without it. */
export interface NativePackage {
  readonly name: string;
  /** Begins the sentence: "rooms cannot be joined". */
  readonly without: string;
}

/** Why a native package does not load, and what to do about it. */
export interface NativeFault {
  readonly what: string;
  readonly fix: string;
}

/** The one sentence for a native package that is missing or does not load. The loader's own message is kept as the cause. */
export function nativeMissing(native: NativePackage, fault: NativeFault, cause?: unknown): RoomtoneError {
  if (cause !== undefined && lacksDescriptors(cause)) return tooManyOpenFiles(cause);
  const message = `${native.without}: ${fault.what}. To fix it: ${fault.fix}`;
  return new RoomtoneError("native-missing", message, { packageName: native.name }, { cause });
}

/** What to do where a package was installed without running its build script. */
export function allowBuildsFix(name: string): string {
  return `allow its build script and install again (pnpm: \`pnpm approve-builds\`, or \`allowBuilds\` in pnpm-workspace.yaml; npm: \`npm rebuild ${name}\`)`;
}
