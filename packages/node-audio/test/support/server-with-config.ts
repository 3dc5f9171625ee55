import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createAccessToken, findLiveKitServer } from "@roomtone/dev-server";

/** A livekit-server with settings that the development server does not offer. */
export interface ConfiguredServer {
  readonly url: string;
  createToken(identity: string, roomName?: string): Promise<string>;
  close(): Promise<void>;
}

const apiKey = "devkey";
const apiSecret = `rtsecret_${"c".repeat(40)}`;

export interface FreePorts {
  readonly http: number;
  readonly tcp: number;
  readonly udp: number;
  readonly turn: number;
}

export interface ServerPlace {
  /** A command that runs it elsewhere: in another network. */
  readonly inside?: readonly string[];
  readonly address?: string;
}

/** What is added to `rtc`, and to the top level. */
type Configure = (ports: FreePorts) => { readonly rtc?: Record<string, unknown>; readonly [setting: string]: unknown };

/** Starts it, on other ports where somebody took one of them between its choice and its use. */
export async function startConfiguredServer(configure: Configure, place: ServerPlace = {}): Promise<ConfiguredServer> {
  const attempt = () => startOnFreePorts(configure, place);
  return attempt().catch(attempt).catch(attempt);
}

async function startOnFreePorts(configure: Configure, { inside = [], address = "127.0.0.1" }: ServerPlace): Promise<ConfiguredServer> {
  const ports = { http: await freePort(), tcp: await freePort(), udp: await freePort(), turn: await freePort() };
  const { rtc, ...settings } = configure(ports);
  const config = {
    port: ports.http,
    bind_addresses: [address],
    keys: { [apiKey]: apiSecret },
    rtc: {
      tcp_port: ports.tcp,
      udp_port: ports.udp,
      node_ip: address,
      use_external_ip: false,
      enable_loopback_candidate: true,
      ips: { includes: [`${address}/32`] },
      ...rtc,
    },
    ...settings,
    logging: { level: "warn", json: false },
  };
  const [command, ...words] = [...inside, await findLiveKitServer({}), "--config-body", JSON.stringify(config)];
  const child = spawn(command as string, words, { stdio: "ignore" });
  const exited = once(child, "exit");
  const url = `ws://${address}:${ports.http}`;
  await answers(`http://${address}:${ports.http}/`, child, inside).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  return {
    url,
    createToken: (identity, roomName = "room") => createAccessToken({ apiKey, apiSecret, identity, roomName }),
    close: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

async function answers(url: string, child: ChildProcess, inside: readonly string[]): Promise<void> {
  for (let attempt = 0; attempt < 200 && child.exitCode === null; attempt += 1) {
    if (inside.length === 0 ? (await fetch(url).catch(() => undefined))?.ok : await answersInside(url, inside)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("livekit-server did not start");
}

async function answersInside(url: string, inside: readonly string[]): Promise<boolean> {
  const ask = `fetch(${JSON.stringify(url)}).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`;
  const [command, ...words] = [...inside, process.execPath, "--eval", ask];
  const [code] = await once(spawn(command as string, words, { stdio: "ignore" }), "exit");
  return code === 0;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}
