import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Lifetime } from "@roomtone/core";
import { systemTime, until } from "@roomtone/testing";
import { ReadyListener } from "./ready-listener.js";
import { type ConfiguredServer, startConfiguredServer } from "./server-with-config.js";
import { type Inside, SERVER_ADDRESS, TwoNetworks } from "./two-networks.js";

const program = fileURLToPath(new URL("./descriptors-program.mjs", import.meta.url));

/** A room whose publisher, a program of its own, is on another machine than the server and its listener: see `TwoNetworks`. */
export class FarRoom {
  readonly networks: TwoNetworks;
  /** The events that the program was told, by their type, oldest first. */
  readonly events: readonly string[];
  readonly #lifetime: Lifetime;
  readonly #server: ConfiguredServer;
  readonly #listener: ReadyListener;
  #listeners = 0;

  private constructor(
    lifetime: Lifetime,
    networks: TwoNetworks,
    server: ConfiguredServer,
    listener: ReadyListener,
    events: readonly string[],
  ) {
    this.#lifetime = lifetime;
    this.networks = networks;
    this.#server = server;
    this.#listener = listener;
    this.events = events;
  }

  /** Published, and live. */
  static async open(driver: string): Promise<FarRoom> {
    const lifetime = new Lifetime();
    try {
      const networks = lifetime.own(await TwoNetworks.open(), (opened) => opened.close());
      const place = { inside: networks.server, address: SERVER_ADDRESS };
      const server = lifetime.own(await startConfiguredServer(() => ({}), place), (opened) => opened.close());
      const listener = lifetime.own(await ReadyListener.start(networks.server), (opened) => opened.close());
      const argument = { driver, url: server.url, token: await server.createToken("publisher") };
      return new FarRoom(lifetime, networks, server, listener, await publish(networks.client, argument, lifetime));
    } catch (error) {
      await lifetime.close();
      throw error;
    }
  }

  /** Joins a listener beside the server; resolves with the moment at which it heard the tone, on this process's clock. */
  async freshlyHeardMs(): Promise<number> {
    const { url } = this.#server;
    this.#listeners += 1;
    const token = await this.#server.createToken(`listener-${this.#listeners}`);
    const { heardMs } = await this.#listener.hear({ httpUrl: url.replace("ws:", "http:"), url, token, frequencyHz: 440 });
    return heardMs - performance.timeOrigin;
  }

  /** What of its own connection the program was told since `from`, when what began has ended. */
  async settled(from: number): Promise<readonly string[]> {
    const own = () =>
      this.events.slice(from).filter((type) => ["reconnecting", "reconnected", "closed", "publication-lost"].includes(type));
    await until(systemTime(), "what it is told of has ended", () => own().at(-1) !== "reconnecting", 30_000);
    return own();
  }

  close(): Promise<void> {
    return this.#lifetime.close();
  }
}

/** A program that publishes 440 Hz from there, and the events that it prints. */
async function publish(
  inside: Inside,
  argument: { readonly driver: string; readonly url: string; readonly token: string },
  lifetime: Lifetime,
): Promise<readonly string[]> {
  const [command, ...words] = [...inside, process.execPath, program, JSON.stringify(argument)];
  const child = spawn(command as string, words, { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  lifetime.defer(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const lines: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => lines.push(...chunk.toString().split("\n").filter(Boolean)));
  await until(systemTime(), "the program is live", () => lines.includes("live"), 30_000);
  return lines;
}
