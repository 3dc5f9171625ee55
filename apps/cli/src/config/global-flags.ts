import { type Command, Option } from "commander";
import { parseCount, parseEndpointUrl, parseServerUrl, parseText } from "./values.js";

/** Adds the flags that every command takes, before or after its name. */
export function addGlobalFlags(program: Command): void {
  const option = (flags: string, description: string) => new Option(flags, description);
  program
    .optionsGroup("Where and as whom:")
    .addOption(option("--url <url>", "the LiveKit server [LIVEKIT_URL]").argParser(parseServerUrl))
    .addOption(option("--room <name>", "the room").argParser(parseText))
    .addOption(option("--identity <id>", "who you are in the room; default: a unique one").argParser(parseText))
    .addOption(option("--name <name>", "the name that others see").argParser(parseText))
    .optionsGroup("Credentials, one of:")
    .addOption(
      option("--token <token>", "a token (a process list shows it), or - to read it from standard input [LIVEKIT_TOKEN]").argParser(
        parseToken,
      ),
    )
    .addOption(option("--token-file <FILE>", "a file that holds the token").argParser(parseText))
    .addOption(option("--token-endpoint <url>", "LiveKit's standard token endpoint").argParser(parseEndpointUrl))
    .addOption(option("--api-key <key>", "a server's key, with its secret [LIVEKIT_API_KEY]").argParser(parseText))
    .addOption(option("--api-secret <secret>", "its secret (a process list shows it) [LIVEKIT_API_SECRET]").argParser(parseText))
    .addOption(option("--dev", "the development server on this machine: a running `roomtone dev`, else port 7880 with devkey"))
    .optionsGroup("Output:")
    .addOption(option("--json", "one JSON object a line on standard output"))
    .addOption(option("--quiet", "errors and warnings only"))
    .addOption(option("--verbose", "details, and causes of errors"))
    .addOption(
      option("--retries <n>", "attempts after the first, to join (default 3) and to come back (default unlimited)").argParser(parseCount),
    )
    .optionsGroup("Help:");
}

/** The message for a token that is missing must not suggest what a token looks like to a shell: `-` is one. */
function parseToken(text: string): string {
  return text === "-" ? text : parseText(text).trim();
}
