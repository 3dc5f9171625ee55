import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { dispose } from "@livekit/rtc-node";
import { startDevServer } from "@roomtone/dev-server";
import { listenInRoom } from "./subscriber.ts";

// node bench/src/starts.ts: from the start of `roomtone publish` to its first audio at a listener, the drivers in turn.

const DRIVERS = ["opus", "rtc"];
const ROUNDS = 5;
const COMMAND = fileURLToPath(new URL("../../apps/cli/dist/bin.js", import.meta.url));

const server = await startDevServer();
const figures = new Map<string, number[]>(DRIVERS.map((driver) => [driver, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [driver, startMs] of figures) startMs.push(await measure(`starts-${driver}-${round}`, driver));
}
for (const [driver, startMs] of figures) {
  const [least, , median, , most] = startMs.sort((one, other) => one - other).map(Math.round);
  console.log(`${driver}: first audio ${median} ms after the process's start (${least} to ${most})`);
}
await server.close();
await dispose();

async function measure(roomName: string, driver: string): Promise<number> {
  const listener = await listenInRoom(server.url, await server.createToken({ identity: "ear", roomName }));
  const token = await server.createToken({ identity: "mouth", roomName });
  const args = ["publish", "--url", server.url, "--token", "-", "--driver", driver, "--input", "tone:440"];
  const fromMs = performance.now();
  const publisher = spawn(process.execPath, [COMMAND, ...args], { stdio: ["pipe", "ignore", "ignore"] });
  publisher.stdin.end(token);
  const exited = once(publisher, "exit");
  try {
    return (await listener.firstAudio) - fromMs;
  } finally {
    publisher.kill("SIGKILL");
    await exited;
    await listener.close();
  }
}
