import type { CommandDescription, FlagDescription } from "./tree.js";

/** Completes commands, flags with their descriptions, choices and files. Put into a folder of `$fpath` as `_roomtone`, or `eval` it. */
export function zshScript(commands: readonly CommandDescription[]): string {
  const list = commands.map((command) => `    ${quote(`${command.name}:${escapeColons(command.description)}`)}`).join("\n");
  const cases = commands.map((command) => {
    const specs = command.flags.flatMap(specsOf);
    if (command.words.length > 0) specs.push(quote(`1:shell:(${command.words.join(" ")})`));
    if (command.takesFile) specs.push(quote("*:file:_files"));
    return `    ${command.name})\n      _arguments -S \\\n        ${[...specs, quote("--help[show help]")].join(" \\\n        ")} ;;`;
  });
  return `#compdef roomtone
# zsh completion for roomtone: roomtone completion zsh > a folder of your $fpath, as _roomtone
_roomtone() {
  local -a commands
  commands=(
${list}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join("\n")}
  esac
}
if [ "$funcstack[1]" = "_roomtone" ]; then _roomtone "$@"; else compdef _roomtone roomtone; fi
`;
}

function specsOf(flag: FlagDescription): string[] {
  const value =
    flag.takes === "nothing"
      ? ""
      : flag.takes === "file"
        ? ":file:_files"
        : flag.takes === "text"
          ? ":value: "
          : `:value:(${flag.takes.join(" ")})`;
  const description = `[${flag.description.replace(/[[\]\\]/g, "\\$&")}]`;
  return flag.names.map((name) => quote(`${flag.repeatable ? "*" : ""}${name}${description}${value}`));
}

function escapeColons(text: string): string {
  return text.replaceAll(":", "\\:");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
