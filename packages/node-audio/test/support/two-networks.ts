import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { Lifetime } from "@roomtone/core";

const run = promisify(execFile);

/** Where something runs: before its command line. */
export type Inside = readonly [command: string, ...words: string[]];

export const SERVER_ADDRESS = "10.9.0.1";
const CLIENT_ADDRESSES = ["10.9.0.2", "10.9.0.3"] as const;

/**
 * Two machines, as far as the network goes: a server and a client, each in a network namespace of its own, and a cable. Nothing of it is
 * seen outside. Takes root on Linux, which is what continuous integration is.
 */
export class TwoNetworks {
  readonly server: Inside;
  readonly client: Inside;
  readonly #lifetime: Lifetime;
  #address: string = CLIENT_ADDRESSES[0];

  private constructor(lifetime: Lifetime, serverPid: number, clientPid: number) {
    this.#lifetime = lifetime;
    this.server = inside(serverPid);
    this.client = inside(clientPid);
  }

  static async open(): Promise<TwoNetworks> {
    const lifetime = new Lifetime();
    try {
      const [serverPid, clientPid] = [await holdNetwork(lifetime), await holdNetwork(lifetime)];
      const networks = new TwoNetworks(lifetime, serverPid, clientPid);
      await run("ip", ["link", "add", "cable", "netns", `${serverPid}`, "type", "veth", "peer", "name", "cable", "netns", `${clientPid}`]);
      await networks.#configure(networks.server, SERVER_ADDRESS);
      await networks.#configure(networks.client, networks.#address);
      return networks;
    } catch (error) {
      await lifetime.close();
      throw error;
    }
  }

  /** The client gets another address, and the one that it had is gone: as when a laptop goes from one Wi-Fi to another. */
  async changeClientAddress(): Promise<void> {
    const before = this.#address;
    this.#address = CLIENT_ADDRESSES.find((address) => address !== before) ?? before;
    await ip(this.client, "addr", "del", `${before}/24`, "dev", "cable");
    await ip(this.client, "addr", "add", `${this.#address}/24`, "dev", "cable");
  }

  /** Takes the cable out at the server, or puts it back: the client is told nothing, and what it sends arrives nowhere. */
  plug(isIn: boolean): Promise<void> {
    return ip(this.server, "link", "set", "cable", isIn ? "up" : "down");
  }

  close(): Promise<void> {
    return this.#lifetime.close();
  }

  async #configure(where: Inside, address: string): Promise<void> {
    await ip(where, "link", "set", "lo", "up");
    await ip(where, "addr", "add", `${address}/24`, "dev", "cable");
    await ip(where, "link", "set", "cable", "up");
  }
}

function inside(pid: number): Inside {
  return ["nsenter", "--target", `${pid}`, "--net"];
}

async function ip([command, ...words]: Inside, ...what: string[]): Promise<void> {
  await run(command, [...words, "ip", ...what]);
}

/** A namespace lives as long as a process in it: one that reads its input, which ends with us. */
async function holdNetwork(lifetime: Lifetime): Promise<number> {
  const holder: ChildProcess = spawn("unshare", ["--net", "sh", "-c", "echo; exec cat"], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(holder, "exit");
  lifetime.defer(async () => {
    holder.kill("SIGKILL");
    await exited;
  });
  await Promise.race([once(holder.stdout as NodeJS.ReadableStream, "data"), exited.then(() => Promise.reject(new Error("no namespace")))]);
  return holder.pid as number;
}
