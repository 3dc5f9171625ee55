import type { Command, Option } from "commander";

/** What a shell needs to know of a flag. */
export interface FlagDescription {
  /** Every spelling, with its dashes. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takes: "nothing" | "file" | "text" | readonly string[];
  readonly repeatable: boolean;
}

export interface CommandDescription {
  readonly name: string;
  readonly description: string;
  /** Words that may follow: a completion's shells. */
  readonly words: readonly string[];
  readonly takesFile: boolean;
  readonly flags: readonly FlagDescription[];
}

/** The commands with their own and the global flags, as the parser knows them: completion cannot go out of date. */
export function describeCommands(program: Command): readonly CommandDescription[] {
  const help = program.createHelp();
  const globals = help
    .visibleOptions(program)
    .filter((option) => option.long !== "--version")
    .map(describeFlag);
  return help
    .visibleCommands(program)
    .filter((command) => command.name() !== "help")
    .map((command) => ({
      name: command.name(),
      description: command.summary() || command.description(),
      words: command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
      takesFile: command.registeredArguments.some((argument) => argument.name().includes("file")),
      flags: [
        ...help
          .visibleOptions(command)
          .filter((option) => option.long !== "--help")
          .map(describeFlag),
        ...globals,
      ],
    }));
}

function describeFlag(option: Option): FlagDescription {
  const choices = option.argChoices;
  const takesValue = option.required || option.optional;
  return {
    names: [option.short, option.long].filter((name) => name !== undefined && name !== null),
    description: option.description,
    takes: !takesValue ? "nothing" : choices ? choices : /FILE/.test(option.flags) ? "file" : "text",
    repeatable: option.variadic || /repeat/.test(option.description),
  };
}
