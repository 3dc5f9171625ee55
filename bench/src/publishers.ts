import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { DevServer } from "@roomtone/dev-server";
import type { VirtualMicrophone } from "@roomtone/testing";
import { buildGoPeer } from "./go-peer.ts";

/** Starts a program that publishes the virtual microphone into a room. */
export type Publisher = (server: DevServer, roomName: string) => Promise<ChildProcess>;

export const GO = "Go peer";
export const BY_HAND = "by hand";

/** What pion/mediadevices gives libopus: the rest of both is the same. */
const GO_SETTINGS = ["--signal", "auto", "--no-fec", "--expected-packet-loss", "0", "--no-dtx"];

const cli = fileURLToPath(new URL("../../apps/cli/dist/bin.js", import.meta.url));
const byHand = fileURLToPath(new URL("./peers/by-hand.mjs", import.meta.url));

/** Everybody who is measured, in the order of the table. */
export async function createPublishers(microphone: VirtualMicrophone, drivers: readonly string[]): Promise<Map<string, Publisher>> {
  const publishers = new Map<string, Publisher>();
  for (const driver of drivers) {
    const args = [cli, "publish", "--input", "microphone", "--driver", driver, "--quiet"];
    const roomtone = (flags: readonly string[]) =>
      program(microphone, process.execPath, [...args, ...flags], (url, token) => ({ LIVEKIT_URL: url, LIVEKIT_TOKEN: token }));
    publishers.set(`roomtone ${driver}`, roomtone([]));
    if (driver === "opus") publishers.set("roomtone opus, the Go peer's settings", roomtone(GO_SETTINGS));
  }
  const handed = (url: string, token: string) => ({ BENCH_URL: url, BENCH_TOKEN: token });
  publishers.set(BY_HAND, program(microphone, process.execPath, [byHand], handed));
  const go = await buildGoPeer();
  if ("missing" in go) console.error(go.missing);
  else
    publishers.set(
      GO,
      program(microphone, go.path, [], (url, token) => handed(url.replace(/^ws/, "http"), token)),
    );
  return publishers;
}

function program(
  microphone: VirtualMicrophone,
  command: string,
  args: readonly string[],
  access: (url: string, token: string) => Readonly<Record<string, string>>,
): Publisher {
  return async (server, roomName) => {
    const token = await server.createToken({ identity: "publisher", roomName });
    return spawn(command, args, {
      env: { ...process.env, ...microphone.environment, ...access(server.url, token) },
      stdio: ["ignore", "ignore", "inherit"],
    });
  };
}
