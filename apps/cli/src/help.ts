import { failures } from "@roomtone/core";
import type { Command, Help, Option } from "commander";

const EXAMPLES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  dev: [
    ["Hear yourself in a browser, with nothing set up before", "roomtone dev"],
    ["Something else than the microphone", "roomtone dev --input song.flac --loop"],
    ["In another terminal, hear the same room", "roomtone listen --dev"],
  ],
  publish: [
    ["The microphone, with LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET set", "roomtone publish --room stage"],
    ["With only a token", "roomtone publish --url wss://example.livekit.cloud --token-file token.jwt"],
    [
      "A certain microphone, and a file as a second track",
      'roomtone publish --room stage --input microphone --device "USB Audio" --input jingle.wav --track-name voice --track-name jingle',
    ],
    ["Whatever another program plays", "ffmpeg -i in.mp4 -f wav - | roomtone publish --room stage --input -"],
    [
      "Stereo music at 192 kbit/s, for ten minutes",
      "roomtone publish --room stage --input set.flac --profile music --bitrate 192k --duration 10m",
    ],
    ["To a WHIP endpoint of any server", "roomtone publish --driver whip --url https://example.com/whip --token-file stream-key"],
    ["Into two rooms, encoded once", "roomtone publish --input set.flac --to wss://one.example.com,stage --to wss://two.example.com,stage"],
    ["A finished Opus file as it is, and again", "roomtone publish --room stage --input show.opus --loop"],
    ["For a program to read", "roomtone publish --room stage --json | jq -c 'select(.event==\"stats\")'"],
  ],
  listen: [
    ["Through the speaker", "roomtone listen --room stage"],
    ["One participant into a file, for an hour", "roomtone listen --room stage --participant alice --output alice.wav --duration 1h"],
    ["Into another program", "roomtone listen --room stage --output - | sox -t wav - -n stats"],
  ],
  record: [
    ["The microphone, until Ctrl-C", "roomtone record interview.ogg"],
    ["A minute of music quality", "roomtone record --profile music --duration 1m"],
  ],
  devices: [
    ["What --device takes", "roomtone devices"],
    ["Plug something in", "roomtone devices --watch"],
  ],
  token: [
    [
      "A token for an hour, made with LIVEKIT_API_KEY and LIVEKIT_API_SECRET",
      "roomtone token --room stage --identity alice --valid-for 1h",
    ],
    ["For somebody who may only listen", "roomtone token --room stage --identity bob --subscribe-only"],
    ["What does this one allow?", "roomtone token --inspect < token.jwt"],
  ],
  doctor: [
    ["This machine", "roomtone doctor"],
    ["And a server, with credentials", "roomtone doctor --url wss://example.livekit.cloud --token-file token.jwt"],
  ],
  completion: [
    ["bash, in ~/.bashrc", 'eval "$(roomtone completion bash)"'],
    ["zsh", 'roomtone completion zsh > "$HOME/.zfunc/_roomtone"   # a folder of your $fpath'],
    ["fish", "roomtone completion fish > ~/.config/fish/completions/roomtone.fish"],
  ],
};

/** Help that begins with what to type: examples and commands first, then the flags, a command's own before everybody's. */
export function formatHelp(command: Command, help: Help): string {
  const program = command.parent ?? command;
  const termWidth = Math.min(34, help.padWidth(command, help));
  const item = (term: string, description: string) => help.formatItem(term, termWidth, description, help);
  const flags = (options: readonly Option[]) => {
    const groups = new Map<string, string[]>();
    for (const option of options) {
      const heading = option.helpGroupHeading ?? "Options:";
      groups.set(heading, [...(groups.get(heading) ?? []), item(help.optionTerm(option), help.optionDescription(option))]);
    }
    return [...groups].flatMap(([heading, items]) => help.formatItemList(heading, items, help));
  };
  const own = help.visibleOptions(command).filter((option) => command === program || option.long !== "--help");
  const words = help.visibleArguments(command).map((argument) => item(help.argumentTerm(argument), help.argumentDescription(argument)));
  const commands = help.visibleCommands(command).map((sub) => item(help.subcommandTerm(sub), help.subcommandDescription(sub)));
  return [
    help.boxWrap(help.commandDescription(command), help.helpWidth ?? 80),
    "",
    ...(command === program ? [START, ""] : [examples(command.name()), ""]),
    `Usage: ${help.commandUsage(command)}`,
    "",
    ...help.formatItemList("Commands:", commands, help),
    ...help.formatItemList("Arguments:", words, help),
    ...flags(own),
    ...(command === program ? [CONFIGURATION, "", exitCodes(), ""] : flags(help.visibleGlobalOptions(command))),
  ].join("\n");
}

function examples(command: string): string {
  const lines = (EXAMPLES[command] ?? []).flatMap(([purpose, line]) => [`  # ${purpose}`, `  ${line}`]);
  return `Examples:\n${lines.join("\n")}`;
}

const START = `Start here:
  roomtone dev                     a server of your own, your microphone in it, a link that listens
  roomtone publish --dev           publish into it from another terminal
  roomtone publish --room stage    publish into the server of LIVEKIT_URL
  roomtone publish --help          examples of everything else`;

const CONFIGURATION = `Configuration:
  A flag, then the environment (LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET, LIVEKIT_TOKEN),
  then .env in the working folder. Credentials come from one of the three only.`;

/** The exit codes, from core's own table. */
function exitCodes(): string {
  const byCode = new Map<number, string[]>();
  for (const [code, { exitCode }] of Object.entries(failures)) byCode.set(exitCode, [...(byCode.get(exitCode) ?? []), code]);
  const rows = [...byCode]
    .sort(([one], [other]) => one - other)
    .map(([exitCode, codes]) => `  ${`${exitCode}`.padEnd(4)}${codes.join(", ")}`);
  return `Exit codes:\n  0   every clean end, Ctrl-C too\n${rows.join("\n")}`;
}
