import { existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The real path of a command on PATH. */
export function onPath(command: string): string | undefined {
  const candidates = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, command));
  const found = candidates.find((path) => existsSync(path));
  return found && realpathSync(found);
}

/** A file of the npm that runs us, or of the one on PATH: `npm-cli.js`, `npx-cli.js`. */
export function npmFile(name: string): string {
  const cli = process.env["npm_execpath"]?.includes("npm-cli") ? process.env["npm_execpath"] : onPath("npm");
  if (!cli) throw new Error("there is no npm on PATH");
  return join(cli, "..", name);
}
