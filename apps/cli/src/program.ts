import { Command, InvalidArgumentError, Option } from "commander";
import { addGlobalFlags } from "./config/global-flags.js";
import { addOpusFlags } from "./config/opus-flags.js";
import { collectTarget } from "./config/targets.js";
import { collectPair, collectText, parseCount, parseDurationMs, parseNumber, parseText, parseTimerMs } from "./config/values.js";
import { formatHelp } from "./help.js";
import type { Io } from "./io.js";
import { parseMetricsAddress } from "./metrics/metrics-address.js";
import type { Run } from "./run.js";

/** Loads a command's file when it is run: `--help` and `token` never load what `publish` needs. */
type Load = () => Promise<{ readonly run: Run<never> }>;

/** The command that the command line chose, with its options, ready to run. */
export interface Choice {
  readonly load: Load;
  readonly options: object;
}

/**
 * Parses `args` (without the program's own name).
 * @throws CommanderError for help and version, already printed, and for what is wrong with the command line, not printed.
 */
export async function parseCommandLine(args: readonly string[], version: string, io: Pick<Io, "stdout">): Promise<Choice> {
  let choice: Choice | undefined;
  const program = createProgram(version, (load, options) => {
    choice = { load, options };
  });
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    command.configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      // Reported by the caller, in one shape with every other error.
      writeErr: () => {},
      outputError: () => {},
      getOutHelpWidth: () => Math.min(io.stdout.columns ?? 100, 110),
    });
  }
  await program.parseAsync(args.length === 0 ? ["--help"] : [...args], { from: "user" });
  return choice ?? { load: async () => ({ run: async () => 0 }), options: {} };
}

/** The whole command line as a tree: parsing, help and completion read the same one. */
export function createProgram(version: string, choose: (load: Load, options: object) => void): Command {
  const program = new Command("roomtone")
    .description("Publish live audio into LiveKit rooms.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show a command's help")
    .configureHelp({ showGlobalOptions: true, formatHelp });
  addGlobalFlags(program);

  const add = (name: string, summary: string, load: Load) => {
    const command = program
      .command(name)
      .summary(summary)
      .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`);
    return command.action(() =>
      choose(load, { ...command.optsWithGlobals(), ...(name === "completion" && { program, shell: command.args[0] }) }),
    );
  };

  const dev = add("dev", "start a server of your own, publish into it, print the link that listens", () => import("./commands/dev.js"));
  addInputFlags(dev, "microphone, FILE, tone:440 or melody; default: microphone, else melody");
  dev.addOption(new Option("--port <port>", "of the page and the token endpoint; default: a free one").argParser(parsePort));
  addPublishFlags(dev);
  addOpusFlags(dev);

  const publish = add("publish", "publish a microphone, files, a stream or a tone into a room", () => import("./commands/publish.js"));
  addInputFlags(publish, "microphone, FILE, - (standard input) or tone:440; repeat for several tracks", true);
  addStreamFlags(publish);
  publish.addOption(new Option("--track-name <name>", "name that others see; repeat, in the order of the inputs").argParser(collectText));
  publish.addOption(
    new Option(
      "--record <FILE.ogg>",
      "also keep a recording, through outages, muted spans silent: with the driver opus the packets that were published, with rtc from a second encoder",
    ).argParser(parseText),
  );
  publish.option("--overwrite", "record over a file that is there");
  addPublishFlags(publish);
  publish.addOption(
    new Option("--metrics <address>", "serve figures for Prometheus, and /healthz: a port, or 0.0.0.0:9464").argParser(parseMetricsAddress),
  );
  publish.addOption(
    new Option("--to <URL,ROOM>", "instead of --url and --room; repeat to publish into several rooms, encoded once").argParser(
      collectTarget,
    ),
  );
  addOpusFlags(publish);

  const listen = add(
    "listen",
    "hear a room: through the speaker, into a file, or into another program",
    () => import("./commands/listen.js"),
  );
  listen
    .addOption(new Option("--output <where>", "speaker, FILE.wav, or - for WAV on standard output").default("speaker").argParser(parseText))
    .addOption(new Option("--device <name>", "which speaker; `roomtone devices` lists them").argParser(parseText))
    .addOption(new Option("--participant <identity>", "hear this one only; repeat for several").argParser(collectText))
    .addOption(new Option("--track <name>", "hear tracks of this name only; repeat for several").argParser(collectText));
  addDuration(listen);

  const record = add("record", "record the microphone to a crash-safe Ogg Opus file, with no room", () => import("./commands/record.js"));
  record.argument("[file.ogg]", "where to; default: roomtone-DATE-TIME.ogg here");
  record.action(() => {
    const options = record.optsWithGlobals();
    choose(() => import("./commands/record.js"), { ...options, output: record.args[0] ?? options["output"] });
  });
  record.addOption(new Option("--output <FILE.ogg>", "the same as the argument").argParser(parseText));
  record.option("--overwrite", "record over a file that is there");
  addInputFlags(record, "microphone, FILE, -, tone:440 or melody");
  addStreamFlags(record);
  addDuration(record);
  addOpusFlags(record);

  add("devices", "list microphones and speakers by the names that --device takes", () => import("./commands/devices.js")).option(
    "--watch",
    "stay, and tell what comes and goes",
  );

  const token = add("token", "print a token that lets somebody into a room, or explain one", () => import("./commands/token.js"));
  token
    .addOption(
      named("validForMs", new Option("--valid-for <time>", "time left to join")).default(3_600_000, "1h").argParser(parseDurationMs),
    )
    .option("--subscribe-only", "may listen, and neither publish nor send data")
    .addOption(
      new Option("--can-publish-sources <list>", "microphone, camera, screen-share, screen-share-audio; comma-separated").argParser(
        collectSources,
      ),
    )
    .addOption(new Option("--metadata <text>", "participant metadata").argParser(parseText))
    .addOption(new Option("--attribute <key=value>", "participant attribute; repeat for several").argParser(collectPair))
    .option("--inspect [token]", "explain a token instead, given here, with --token-file, or on standard input");

  add("doctor", "check this machine, the server and the token; say how to fix what is wrong", () => import("./commands/doctor.js"));

  const completion = add("completion", "print a completion script for your shell", () => import("./commands/completion.js"));
  completion.addArgument(completion.createArgument("<shell>").choices(["bash", "zsh", "fish"]));

  return program;
}

function addInputFlags(command: Command, description: string, repeatable = false): void {
  const input = new Option("--input <what>", description);
  command
    .optionsGroup("Input:")
    .addOption(repeatable ? input.argParser(collectText) : input.argParser(parseText))
    .addOption(new Option("--device <name>", "which microphone; `roomtone devices` lists them").argParser(parseText))
    .option("--loop", "play a file again and again");
}

function addStreamFlags(command: Command): void {
  command
    .addOption(new Option("--format <format>", "of standard input").choices(["auto", "wav", "s16le"]).default("auto"))
    .addOption(named("sampleRateHz", new Option("--sample-rate <hertz>", "of raw standard input; default: 48000")).argParser(parseNumber));
}

function addPublishFlags(command: Command): void {
  command
    .optionsGroup("Room:")
    .addOption(
      new Option("--driver <driver>", "the way into the room; auto is opus; whip: any WHIP endpoint")
        .choices(["auto", "rtc", "opus", "whip"])
        .default("auto"),
    )
    .option("--muted", "start muted")
    .addOption(
      new Option("--quality <how>", "let bitrate, packet length and protection against loss follow the network (driver opus), or keep them")
        .choices(["follow-network", "fixed"])
        .default("follow-network"),
    )
    .addOption(
      named("statsIntervalMs", new Option("--stats-interval <time>", "between two statistics")).default(2000, "2s").argParser(parseTimerMs),
    );
  addDuration(command);
}

function addDuration(command: Command): void {
  command.addOption(named("durationMs", new Option("--duration <time>", "leave after that long, such as 10s")).argParser(parseTimerMs));
}

/** Gives the option's value a name with its unit: the parser already brought it to that one. */
function named(attribute: string, option: Option): Option {
  option.attributeName = () => attribute;
  return option;
}

function parsePort(text: string): number {
  return Math.min(parseCount(text), 65_536);
}

const SOURCES: readonly string[] = ["microphone", "camera", "screen-share", "screen-share-audio"];

function collectSources(text: string, previous: readonly string[] | undefined): readonly string[] {
  const sources = text.split(",").map((source) => source.trim());
  const wrong = sources.find((source) => !SOURCES.includes(source));
  if (wrong !== undefined) throw new InvalidArgumentError(`It takes ${SOURCES.join(", ")}.`);
  return [...(previous ?? []), ...sources];
}
