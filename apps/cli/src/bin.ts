#!/usr/bin/env node
// Nothing is imported here: an import runs before any line, and on an old Node it fails with a stack instead of a sentence.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(
    `error: roomtone needs Node 22.12 or newer, and this is ${process.version}.\n  fix: install a newer Node, from https://nodejs.org or with your package manager\n`,
  );
  process.exitCode = 69;
} else {
  const { enableCompileCache } = await import("node:module");
  const { env } = process;
  // Beside our other caches, and not where Node would put it: a folder for temporary files is empty again when we have left.
  const cacheRoot = env["XDG_CACHE_HOME"] || env["LOCALAPPDATA"] || (env["HOME"] && `${env["HOME"]}/.cache`);
  enableCompileCache(env["NODE_COMPILE_CACHE"] || !cacheRoot ? undefined : `${cacheRoot}/roomtone/compile-cache`);
  try {
    const { runProcess } = await import("./process.js");
    await runProcess(process);
  } catch (error) {
    process.stderr.write("error (internal): roomtone is not installed as a whole, or a part of it is broken.\n  fix: install it again\n");
    if (process.argv.includes("--verbose")) {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.stderr.write(`${stack.replace(/[^\n\P{Cc}]/gu, "?")}\n`);
    }
    process.exitCode = 1;
  }
}

export {};
