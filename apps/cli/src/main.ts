import { RoomtoneError } from "@roomtone/core";
import { CommanderError } from "commander";
import type { Io } from "./io.js";
import { type Choice, parseCommandLine } from "./program.js";
import { asOurs, command, type Run } from "./run.js";

/**
 * Runs the command line `args` (without the program's own name) and resolves with its exit code. Never rejects.
 * Aborting `signal` with a `LeaveRequest` ends whatever runs cleanly, with 0.
 */
export async function main(args: readonly string[], version: string, io: Io, signal: AbortSignal): Promise<number> {
  let choice: Choice;
  try {
    choice = await parseCommandLine(args, version, io);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // help, or the version
    return refuse(error, args, io, signal);
  }
  const { run } = await choice.load();
  // The parser made the options; each command's flags and its interface are kept side by side in tests.
  return (run as Run<object>)(choice.options, io, signal);
}

/** Reports what is wrong with the command line the way that every other error is, `--json` included. */
function refuse(error: unknown, args: readonly string[], io: Io, signal: AbortSignal): Promise<number> {
  const fail = command(async () => {
    throw error instanceof CommanderError ? usageError(error) : asOurs(error);
  });
  const given = (flag: string) => args.includes(flag);
  return fail({ json: given("--json"), quiet: given("--quiet"), verbose: given("--verbose") }, io, signal);
}

/** The parser's complaint as a sentence of ours. A value may be a secret that landed in the wrong place, so none is repeated. */
function usageError(error: CommanderError): RoomtoneError {
  const text = error.message.replace(/^error: /, "").replace(/\n/g, " ");
  switch (error.code) {
    case "commander.help":
      return new RoomtoneError("usage", "Which command? `roomtone --help` lists them.");
    case "commander.excessArguments":
      return new RoomtoneError(
        "usage",
        `${sentence(text.replace(/ but got \d+:.*$/s, ""))}${/'(publish|dev)'/.test(text) ? " What to publish is given with --input." : ""}`,
      );
    case "commander.invalidArgument": {
      const option = /^option '([^']+)' argument '.*' is invalid\. (.*)$/s.exec(text);
      if (option) return new RoomtoneError("usage", `The value of ${option[1]} is wrong. ${option[2]}`);
      const argument = /^command-argument value '.*' is invalid for argument '([^']+)'\. (.*)$/s.exec(text);
      return new RoomtoneError("usage", argument ? `The argument <${argument[1]}> is wrong. ${argument[2]}` : "A value is wrong.");
    }
    default:
      return new RoomtoneError("usage", sentence(text.replace(/(--[\w-]+)=[^']*/g, "$1")));
  }
}

function sentence(text: string): string {
  const start = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.?!)]$/.test(start) ? start : `${start}.`;
}
