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
  enableCompileCache();
  const { runProcess } = await import("./process.js");
  await runProcess(process);
}

export {};
