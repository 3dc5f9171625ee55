import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isRoomtoneError, type PcmCapture, RoomtoneError } from "@roomtone/core";
import type { DevServer } from "@roomtone/dev-server";
import { loadAudio } from "../audio.js";
import { announceDevServer } from "../config/dev-state.js";
import type { GlobalOptions } from "../config/global-options.js";
import { uniqueIdentity } from "../config/identity.js";
import { type OpusFlags, opusSettings } from "../config/opus-flags.js";
import { escapeForTerminal } from "../output/escape.js";
import type { Output } from "../output/output.js";
import { nameTracks, parseInputs } from "../room/inputs.js";
import { openCaptures } from "../room/open-captures.js";
import { publishIntoRoom } from "../room/publish-room.js";
import { command } from "../run.js";

export interface DevOptions extends GlobalOptions, OpusFlags {
  readonly input?: string;
  readonly device?: string;
  readonly driver: "auto" | "rtc" | "opus" | "whip";
  readonly muted?: boolean;
  readonly quality: "follow-network" | "fixed";
  readonly loop?: boolean;
  readonly durationMs?: number;
  /** Of the page and the token endpoint. */
  readonly port?: number;
  readonly statsIntervalMs: number;
}

const DEFAULT_ROOM = "roomtone";

/** `roomtone dev`: a server of one's own, something to hear in it, and the link that plays it. */
export const run = command<DevOptions>(async (options, io, signal, output) => {
  refuseServerFlags(options);
  const specs = parseInputs([options.input ?? "microphone"], {
    ...(options.device !== undefined && { device: options.device }),
    loop: options.loop === true,
    tokenFromStdin: false,
  });
  const roomName = options.room ?? DEFAULT_ROOM;
  const { startDevServer } = await import("@roomtone/dev-server");
  const serverPath = io.env["LIVEKIT_SERVER_BIN"];
  const cacheRoot = io.env["XDG_CACHE_HOME"] || io.env["LOCALAPPDATA"];
  const pageFolder = findPageFolder();
  const server = await startDevServer({
    signal,
    ...(pageFolder !== undefined && { listenPage: pageFolder }),
    ...(cacheRoot && { cacheFolder: join(cacheRoot, "roomtone") }),
    defaultRoomName: roomName,
    onProgress: (line) => output.status(output.paint("dim", escapeForTerminal(line))),
    ...(serverPath && { serverPath }),
    ...(options.port !== undefined && { port: options.port }),
  });
  let forget = async () => {};
  try {
    output.redaction.add(server.apiSecret);
    forget = await announceDevServer({ ...server, room: roomName }, io);
    const page = pageLink(server, roomName);
    output.event({ event: "ready", url: server.url, tokenEndpoint: server.tokenEndpoint, page, room: roomName });
    for (const line of welcome(server, page, output)) output.status(line);
    const stopWatching = keepRunning(server, signal, output);
    try {
      return await publishIntoRoom(
        {
          rooms: [
            {
              access: {
                credentials: { tokenSource: ownTokens(server, roomName, options) },
                url: server.url,
                roomName,
                grantsChecked: true,
              },
            },
          ],
          trackNames: options.input === undefined ? [] : nameTracks(specs, []),
          open: (lifetime, life) =>
            withMelody(options, output, async () =>
              openCaptures(
                specs,
                { loop: options.loop === true, channels: options.channels, format: "auto", sampleRateHz: undefined },
                lifetime,
                io,
                life,
                output,
              ),
            ).then((captures) => captures.map((capture) => lifetime.own(capture, (open) => open.close()))),
          driver: options.driver,
          profile: options.profile,
          opus: opusSettings(options),
          muted: options.muted === true,
          quality: options.quality,
          durationMs: options.durationMs,
          recordPath: undefined,
          overwrite: false,
          statsIntervalMs: options.statsIntervalMs,
          metrics: undefined,
          retries: options.retries,
        },
        io,
        signal,
        output,
      );
    } finally {
      stopWatching();
    }
  } finally {
    await Promise.all([forget(), server.close()]);
  }
});

/** @throws RoomtoneError `usage`: this command starts a server, and nobody wants to learn later that theirs was not used */
function refuseServerFlags(options: GlobalOptions): void {
  const given = [
    options.url !== undefined && "--url",
    options.token !== undefined && "--token",
    options.tokenFile !== undefined && "--token-file",
    options.tokenEndpoint !== undefined && "--token-endpoint",
    (options.apiKey !== undefined || options.apiSecret !== undefined) && "--api-key/--api-secret",
  ].filter((flag) => flag !== false);
  if (given.length === 0) return;
  throw new RoomtoneError(
    "usage",
    `\`roomtone dev\` starts a server of its own, so ${given.join(" and ")} cannot be: use \`roomtone publish\` with it.`,
  );
}

/** The built page that the package carries; undefined where it was built without one. */
function findPageFolder(): string | undefined {
  const folder = fileURLToPath(new URL("./page", import.meta.url));
  return existsSync(join(folder, "index.html")) ? folder : undefined;
}

function ownTokens(server: DevServer, roomName: string, options: GlobalOptions) {
  const identity = options.identity ?? uniqueIdentity();
  return {
    fetch: async () => ({
      serverUrl: server.url,
      participantToken: await server.createToken({
        identity,
        roomName,
        canSubscribe: false,
        canPublishData: false,
        name: options.name ?? "roomtone dev",
      }),
    }),
  };
}

function pageLink(server: DevServer, roomName: string): string {
  const link = new URL(server.pageUrl);
  link.searchParams.set("room", roomName);
  return `${link.href}&listen`;
}

function welcome(server: DevServer, page: string, output: Output): readonly string[] {
  const label = (text: string) => output.paint("dim", text.padEnd(8));
  return [
    "",
    `${label("listen")}${output.paint("bold", page)}`,
    `${label("server")}${server.url}`,
    `${label("tokens")}${server.tokenEndpoint}`,
    output.paint("dim", "In another terminal: roomtone listen --dev"),
    "",
  ];
}

/** What the room hears where no microphone opens: a melody, and a sentence that says so. Other inputs were asked for by name, and fail. */
async function withMelody(options: DevOptions, output: Output, open: () => Promise<readonly PcmCapture[]>): Promise<readonly PcmCapture[]> {
  try {
    return await open();
  } catch (error) {
    const isAboutDevices = (["device-not-found", "device-in-use", "device-lost", "permission-denied", "native-missing"] as const).some(
      (code) => isRoomtoneError(error, code),
    );
    if (!isAboutDevices || options.input !== undefined || options.device !== undefined) throw error;
    output.event({ event: "warning", message: `No microphone here, so a melody plays instead. (${(error as RoomtoneError).message})` });
    const { openMelody } = await loadAudio();
    return [openMelody()];
  }
}

/** Starts the server again where it ends by itself; returns how to stop caring. */
function keepRunning(server: DevServer, signal: AbortSignal, output: Output): () => void {
  let over = false;
  const watch = async () => {
    while (!over) {
      await server.exited;
      if (over || signal.aborted) return;
      output.event({ event: "warning", message: `The development server ended by itself; starting it again. Its log: ${server.logPath}` });
      await server.start();
    }
  };
  watch().catch((error: unknown) => {
    if (!over)
      output.event({ event: "warning", message: isRoomtoneError(error) ? error.message : "The development server does not start again." });
  });
  return () => {
    over = true;
  };
}
