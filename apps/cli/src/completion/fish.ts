import type { CommandDescription } from "./tree.js";

/** Completes commands, flags with their descriptions, choices and files. Goes to `~/.config/fish/completions/roomtone.fish`. */
export function fishScript(commands: readonly CommandDescription[]): string {
  const names = commands.map((command) => command.name).join(" ");
  const lines = [
    "# fish completion for roomtone: roomtone completion fish > ~/.config/fish/completions/roomtone.fish",
    "complete -c roomtone -f",
    "complete -c roomtone -s h -l help -d 'show help'",
    `complete -c roomtone -n 'not __fish_seen_subcommand_from ${names}' -s V -l version -d 'print the version'`,
  ];
  for (const command of commands) {
    lines.push(`complete -c roomtone -n 'not __fish_seen_subcommand_from ${names}' -a ${command.name} -d ${quote(command.description)}`);
    const here = `complete -c roomtone -n '__fish_seen_subcommand_from ${command.name}'`;
    for (const flag of command.flags) {
      const spelled = flag.names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(" ");
      const value =
        flag.takes === "nothing"
          ? ""
          : flag.takes === "file"
            ? " -r -F"
            : flag.takes === "text"
              ? " -x"
              : ` -x -a ${quote(flag.takes.join(" "))}`;
      lines.push(`${here} ${spelled}${value} -d ${quote(flag.description)}`);
    }
    if (command.words.length > 0) lines.push(`${here} -a ${quote(command.words.join(" "))}`);
    if (command.takesFile) lines.push(`${here} -F`);
  }
  return `${lines.join("\n")}\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
