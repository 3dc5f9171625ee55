// Completes the build: the page that `roomtone dev` serves travels with the command line, and the entry can be run by itself.
import { chmod, cp, rm } from "node:fs/promises";

const built = new URL("dist/", import.meta.resolve("@roomtone/web/package.json"));
const carried = new URL("dist/page/", import.meta.url);
await rm(carried, { recursive: true, force: true });
await cp(built, carried, { recursive: true });
await chmod(new URL("dist/bin.js", import.meta.url), 0o755);
