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

/** Starts it with what `configure` adds to `rtc`, and to the top level. */
export async function startConfiguredServer(
  configure: (ports: FreePorts) => { readonly rtc?: Record<string, unknown>; readonly [setting: string]: unknown },
): Promise<ConfiguredServer> {
  const ports = { http: await freePort(), tcp: await freePort(), udp: await freePort(), turn: await freePort() };
  const { rtc, ...settings } = configure(ports);
  const config = {
    port: ports.http,
    bind_addresses: ["127.0.0.1"],
    keys: { [apiKey]: apiSecret },
    rtc: {
      tcp_port: ports.tcp,
      udp_port: ports.udp,
      node_ip: "127.0.0.1",
      use_external_ip: false,
      enable_loopback_candidate: true,
      ips: { includes: ["127.0.0.1/32"] },
      ...rtc,
    },
    ...settings,
    logging: { level: "warn", json: false },
  };
  const child = spawn(await findLiveKitServer({}), ["--config-body", JSON.stringify(config)], { stdio: "ignore" });
  const exited = once(child, "exit");
  const url = `ws://127.0.0.1:${ports.http}`;
  await answers(`http://127.0.0.1:${ports.http}/`, child);
  return {
    url,
    createToken: (identity, roomName = "room") => createAccessToken({ apiKey, apiSecret, identity, roomName }),
    close: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200 && child.exitCode === null; attempt += 1) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("livekit-server did not start");
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}
