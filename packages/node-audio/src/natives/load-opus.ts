import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { allowBuildsFix, type NativeFault, type NativePackage, nativeMissing } from "./native-missing.js";

/** libopus through @discordjs/opus. A wrong frame size aborts the process, and an unknown request can crash it: nobody but `opus/` calls these. */
export interface NativeOpusCodec {
  encode(pcm: Buffer): Buffer;
  decode(packet: Buffer): Buffer;
  applyEncoderCTL(request: number, value: number): void;
}

export interface NativeOpus {
  readonly OpusEncoder: new (sampleRateHz: number, channels: number) => NativeOpusCodec;
}

export const opus: NativePackage = { name: "@discordjs/opus", without: "audio cannot be encoded" };

let loaded: NativeOpus | undefined;

/** Loads @discordjs/opus once. @throws RoomtoneError `native-missing` */
export function loadOpus(): NativeOpus {
  loaded ??= requireOpus();
  return loaded;
}

/** Loads the package from where `from` sees it. @throws RoomtoneError `native-missing` */
export function requireOpus(from: string = import.meta.url): NativeOpus {
  const require = createRequire(from);
  let folder: string | undefined;
  try {
    const main = require.resolve(opus.name);
    folder = dirname(dirname(main));
    return require(onlyBuild(folder) ?? main) as NativeOpus;
  } catch (error) {
    throw nativeMissing(opus, explain(folder), error);
  }
}

/** The one build for this Node. The package itself looks for it with the tool that installs builds, which takes 70 ms to load. */
function onlyBuild(folder: string): string | undefined {
  const fitting = buildsIn(folder).filter(
    (build) => build.startsWith(`node-v${process.versions.modules}-`) && build.includes(`-${process.platform}-${process.arch}-`),
  );
  const path = join(folder, "prebuild", fitting[0] ?? "", "opus.node");
  return fitting.length === 1 && existsSync(path) ? path : undefined;
}

/** Its builds lie in folders named after the Node they are for. */
function buildsIn(folder: string): readonly string[] {
  return existsSync(join(folder, "prebuild")) ? readdirSync(join(folder, "prebuild")) : [];
}

function explain(folder: string | undefined): NativeFault {
  if (!folder) return { what: `the optional package ${opus.name} is not installed`, fix: `npm install ${opus.name}` };
  const builds = buildsIn(folder);
  if (builds.length === 0) return { what: `the native part of ${opus.name} was not built`, fix: allowBuildsFix(opus.name) };
  if (!builds.some((build) => build.startsWith(`node-v${process.versions.modules}-`))) {
    return { what: `${opus.name} was built for another version of Node than ${process.versions.node}`, fix: `npm rebuild ${opus.name}` };
  }
  return {
    what: `the native part of ${opus.name} does not load on this system (${process.platform} ${process.arch})`,
    fix: `npm rebuild ${opus.name}`,
  };
}
