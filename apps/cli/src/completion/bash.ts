import type { CommandDescription } from "./tree.js";

const FILES = 'compopt -o filenames; COMPREPLY=($(compgen -f -- "$current"))';

/** Completes commands, flags, choices and files. Put into `~/.bashrc`: `eval "$(roomtone completion bash)"`. */
export function bashScript(commands: readonly CommandDescription[]): string {
  const names = commands.map((command) => command.name).join(" ");
  const cases = commands.map((command) => {
    const values = command.flags
      .filter((flag) => flag.takes !== "nothing")
      .map((flag) => {
        const reply = flag.takes === "file" ? FILES : typeof flag.takes === "string" ? "COMPREPLY=()" : words(flag.takes);
        return `        ${flag.names.join("|")}) ${reply}; return ;;`;
      });
    const all = command.flags.flatMap((flag) => flag.names).join(" ");
    const operand = command.takesFile ? FILES : command.words.length > 0 ? words(command.words) : "COMPREPLY=()";
    return [
      `    ${command.name})`,
      '      case "$previous" in',
      ...values,
      "      esac",
      `      if [[ "$current" == -* ]]; then COMPREPLY=($(compgen -W "${all} --help" -- "$current")); else ${operand}; fi ;;`,
    ].join("\n");
  });
  return `# bash completion for roomtone: eval "$(roomtone completion bash)"
_roomtone() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case " ${names} " in *" $word "*) command="$word"; break ;; esac
  done
  COMPREPLY=()
  case "$command" in
${cases.join("\n")}
    *) COMPREPLY=($(compgen -W "${names} --help --version" -- "$current")) ;;
  esac
}
complete -F _roomtone roomtone
`;
}

function words(choices: readonly string[]): string {
  return `COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$current"))`;
}
