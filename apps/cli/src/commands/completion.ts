import { RoomtoneError } from "@roomtone/core";
import type { Command } from "commander";
import { bashScript } from "../completion/bash.js";
import { fishScript } from "../completion/fish.js";
import { describeCommands } from "../completion/tree.js";
import { zshScript } from "../completion/zsh.js";
import type { GlobalOptions } from "../config/global-options.js";
import { command } from "../run.js";

export interface CompletionOptions extends GlobalOptions {
  readonly shell: string;
  readonly program: Command;
}

/** `roomtone completion`: a script for the shell to read. */
export const run = command<CompletionOptions>(async (options, io, _signal, output) => {
  const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
  const make = Object.entries(scripts).find(([shell]) => shell === options.shell)?.[1];
  if (!make) throw new RoomtoneError("usage", "There is completion for bash, zsh and fish.", { option: "shell" });
  if (output.json) throw new RoomtoneError("usage", "A completion script is not JSON: leave --json out.", { option: "--json" });
  io.stdout.write(make(describeCommands(options.program)));
  return { reason: "finished" };
});
