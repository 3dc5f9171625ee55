import { mkdtemp, rm } from "node:fs/promises";
import { isIPv4 } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lifetime, RoomtoneError } from "@roomtone/core";
import { type AccessTokenClaims, createAccessToken } from "./access-token.js";
import { type FindLiveKitServerOptions, findLiveKitServer } from "./find-livekit-server.js";
import { pickFreePorts } from "./free-ports.js";
import { startHttpServer } from "./http-server.js";
import { LiveKitProcess, PortTakenError, type ServerExit } from "./livekit-process.js";
import type { ServerPorts } from "./server-config.js";
import { createServerKeys, type ServerKeys } from "./server-keys.js";

const START_ATTEMPTS = 5;

export interface DevServerOptions extends FindLiveKitServerOptions {
  /** A loopback IPv4 address. Default `127.0.0.1`. */
  readonly host?: string;
  /** Port of the page and the token endpoint. Default: any free one. */
  readonly port?: number;
  /** Ports of the LiveKit server. Default: free ones below the ephemeral range, and no media over TCP. */
  readonly serverPorts?: Partial<ServerPorts>;
  /** Default: made anew for each server. */
  readonly keys?: ServerKeys;
  /** The room of a token request that names none. Default `roomtone`. */
  readonly defaultRoomName?: string;
  /** Other origins whose pages may ask for tokens, such as `http://localhost:5173`. */
  readonly allowedOrigins?: readonly string[];
  /** The server answers connectivity checks and makes none, so that media takes only ways that a client chose: a network can be put in between. */
  readonly iceLite?: boolean;
  /** A folder of static files, served at `/`. Without it there is no page. */
  readonly listenPage?: string;
}

/** A LiveKit server of one's own, on loopback, with a token endpoint. Whatever ends this process ends the server too. */
export interface DevServer {
  /** Where participants connect: `ws://127.0.0.1:…`. */
  readonly url: string;
  /** The same for the server's API: `http://127.0.0.1:…`. */
  readonly httpUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** LiveKit's standard token endpoint: `POST http://127.0.0.1:…/token`. */
  readonly tokenEndpoint: string;
  /** The page: `?room=NAME` names the room, `&listen` plays at once. */
  readonly pageUrl: string;
  readonly ports: ServerPorts;
  /** The server's output, over all its starts. Removed with `close()`. */
  readonly logPath: string;
  /** The server process; undefined while it is down. */
  readonly pid: number | undefined;
  /** Resolves when the server process that was started last has ended, whoever ended it. Never rejects. */
  readonly exited: Promise<ServerExit>;
  /** A token for a room of this server. */
  createToken(claims: AccessTokenClaims): Promise<string>;
  /** Ends the server process at once, as an outage would (default SIGKILL), and resolves when it is gone. The rest stays. */
  kill(signal?: NodeJS.Signals): Promise<ServerExit>;
  /** Starts the server again after `kill` or a crash: same ports, same keys. Resolves when it answers. */
  start(): Promise<void>;
  /** Sends a signal to the server process, and resolves when it is sent: SIGSTOP freezes it, SIGCONT lets it go on. */
  signal(signal: NodeJS.Signals): Promise<void>;
  /** Ends server and endpoint, tells the participants, removes every file: within 3 s. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts a livekit-server (see `findLiveKitServer`) and resolves when it answers. Aborting while it starts rejects with
 * the signal's reason, and later closes the server.
 * @throws RoomtoneError `server-unreachable` where it does not start, with the end of its log; `usage`; `native-missing`
 */
export async function startDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  const { host = "127.0.0.1", keys = createServerKeys(), iceLite = false, signal } = options;
  if (!isIPv4(host) || !host.startsWith("127.")) {
    throw new RoomtoneError("usage", `${host} is not a loopback address: the token endpoint gives tokens to whoever asks.`, {
      option: "host",
    });
  }
  const serverPath = await findLiveKitServer(options);
  const lifetime = new Lifetime();
  try {
    const folder = lifetime.own(await mkdtemp(join(tmpdir(), "roomtone-dev-server-")), (path) =>
      rm(path, { recursive: true, force: true }),
    );
    const logPath = join(folder, "livekit-server.log");
    const { server, ports } = await startOnFreePorts(
      { serverPath, host, keys, logPath, iceLite },
      options.serverPorts ?? {},
      lifetime,
      signal,
    );
    const url = `ws://${host}:${ports.http}`;
    const http = lifetime.own(
      await startHttpServer({
        host,
        port: options.port ?? 0,
        keys,
        liveKitUrl: url,
        defaultRoomName: options.defaultRoomName ?? "roomtone",
        allowedOrigins: options.allowedOrigins ?? [],
        listenPage: options.listenPage,
      }),
      (endpoint) => endpoint.close(),
    );
    signal?.throwIfAborted();
    const abort = (): void => void lifetime.close();
    signal?.addEventListener("abort", abort, { once: true });
    lifetime.defer(() => signal?.removeEventListener("abort", abort));
    return {
      url,
      httpUrl: `http://${host}:${ports.http}`,
      apiKey: keys.apiKey,
      apiSecret: keys.apiSecret,
      tokenEndpoint: `http://${host}:${http.port}/token`,
      pageUrl: `http://${host}:${http.port}/`,
      ports,
      logPath,
      get pid() {
        return server.pid;
      },
      get exited() {
        return server.exited;
      },
      createToken: (claims) => createAccessToken({ ...keys, ...claims }),
      kill: async (killSignal = "SIGKILL") => {
        await server.signal(killSignal);
        return server.exited;
      },
      start: async () => {
        await server.start(signal).catch((error: unknown) => {
          throw error instanceof PortTakenError ? portsTaken(ports) : error;
        });
      },
      signal: (sent) => server.signal(sent),
      close: () => lifetime.close(),
    };
  } catch (error) {
    await lifetime.close();
    throw error;
  }
}

/** Ports are free when they are picked; where another process was faster, others are tried. */
async function startOnFreePorts(
  parts: { serverPath: string; host: string; keys: ServerKeys; logPath: string; iceLite: boolean },
  given: Partial<ServerPorts>,
  lifetime: Lifetime,
  signal: AbortSignal | undefined,
): Promise<{ server: LiveKitProcess; ports: ServerPorts }> {
  for (let attempt = 1; ; attempt++) {
    const ports = await pickFreePorts(parts.host, given);
    const server = new LiveKitProcess({ ...parts, ports });
    try {
      await server.start(signal);
      return { server: lifetime.own(server, (process) => process.close()), ports };
    } catch (error) {
      await server.close();
      if (!(error instanceof PortTakenError)) throw error;
      if (attempt === START_ATTEMPTS || Object.keys(given).length === 3) throw portsTaken(ports);
    }
  }
}

function portsTaken(ports: ServerPorts): RoomtoneError {
  const tcp = ports.iceTcp === 0 ? ports.http : `${ports.http} and ${ports.iceTcp}`;
  const which = `${tcp} (TCP), ${ports.udp} (UDP)`;
  return new RoomtoneError("server-unreachable", `Another program has one of livekit-server's ports: ${which}. Choose others.`);
}
