import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Lifetime } from "@roomtone/core";
import { reportFault, systemTime, until } from "@roomtone/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ReadyListener } from "./support/ready-listener.js";
import { startConfiguredServer } from "./support/server-with-config.js";
import { type Inside, SERVER_ADDRESS, TwoNetworks } from "./support/two-networks.js";

const program = fileURLToPath(new URL("./support/descriptors-program.mjs", import.meta.url));

let lifetime: Lifetime;
beforeEach(() => {
  lifetime = new Lifetime();
});
afterEach(() => lifetime.close());

/** A program that publishes 440 Hz from there, and the events that it prints. */
async function publish(inside: Inside, argument: { driver: string; url: string; token: string }): Promise<readonly string[]> {
  const [command, ...words] = [...inside, process.execPath, program, JSON.stringify(argument)];
  const child = spawn(command as string, words, { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  lifetime.defer(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const lines: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => lines.push(...chunk.toString().split("\n").filter(Boolean)));
  await until(systemTime(), `the program is live: ${lines.join()}`, () => lines.includes("live"), 30_000);
  return lines;
}

it.for(["opus", "rtc"])("a room on %s is heard again when its machine changes its address", async (driver, context) => {
  const networks = lifetime.own(await TwoNetworks.open(), (opened) => opened.close());
  const place = { inside: networks.server, address: SERVER_ADDRESS };
  const server = lifetime.own(await startConfiguredServer(() => ({}), place), (opened) => opened.close());
  const listener = lifetime.own(await ReadyListener.start(networks.server), (opened) => opened.close());
  const { url } = server;
  const httpUrl = url.replace("ws:", "http:");
  const hear = async (identity: string) => listener.hear({ httpUrl, url, token: await server.createToken(identity), frequencyHz: 440 });

  const lines = await publish(networks.client, { driver, url, token: await server.createToken("publisher") });
  await hear("before");
  const told = lines.length;
  await networks.changeClientAddress();
  const changedMs = performance.timeOrigin + performance.now();
  // libwebrtc finds the new way by itself; werift's ICE does not, and the room is joined anew.
  if (driver === "opus") await until(systemTime(), "the room is back", () => lines.lastIndexOf("reconnected") >= told, 30_000);
  const { heardMs } = await hear("after");
  const isOver = () => lines.lastIndexOf("reconnecting") <= lines.lastIndexOf("reconnected");
  await until(systemTime(), "what it is told of has ended", isOver, 30_000);
  const seen = lines.slice(told).filter((line) => ["reconnecting", "reconnected", "closed", "publication-lost"].includes(line));
  expect(seen).toEqual(seen.length === 0 ? [] : ["reconnecting", "reconnected"]);
  await reportFault(context, {
    part: "network",
    fault: "the machine's address changed, the one before is gone",
    driver,
    seen: seen.length === 0 ? "nothing" : "`reconnecting`, then `reconnected`",
    lost: "the time back",
    backMs: [heardMs - changedMs],
    guard: driver === "opus" ? "`opus-driver/media-link.ts`, core `liveness.ts`, `recovery.ts`" : "libwebrtc's ICE",
  });
});
