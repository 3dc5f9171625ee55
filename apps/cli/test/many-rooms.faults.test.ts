import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { endAll, Roomtone } from "./roomtone.js";

const keys = { apiKey: "rtkeymanyrooms", apiSecret: "rtsecret_many-rooms-0123456789abcdefghijklmnop" };
let lasting: DevServer;
let failing: DevServer;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomtone-many-faults-"));
  [lasting, failing] = await Promise.all([startDevServer({ keys }), startDevServer({ keys })]);
});
afterEach(endAll);
afterAll(async () => {
  await Promise.all([lasting?.close(), failing?.close()]);
  await rm(folder, { recursive: true, force: true });
});

const run = (...args: string[]) =>
  new Roomtone(
    [
      "publish",
      ...[
        "--api-key",
        keys.apiKey,
        "--api-secret",
        keys.apiSecret,
        "--input",
        "tone:440",
        "--no-dtx",
        "--json",
        "--stats-interval",
        "200ms",
      ],
      ...["--to", `${lasting.url},stage`, "--to", `${failing.url},stage`],
      ...args,
    ],
    { stdin: "open", cwd: folder },
  );

it("a server that is killed takes its own room away and no other's packet; the room comes back, and the recording has no hole", async () => {
  const receiver = await RawSubscriber.join(lasting.url, await lasting.createToken({ identity: "receiver", roomName: "stage" }));
  const publishing = run("--record", "outage.ogg");
  await publishing.event("published", 2);
  await publishing.until("packets arrive", () => receiver.packets.length > 25);
  const from = receiver.packets.length;
  await failing.kill("SIGKILL");
  expect(await publishing.event("reconnecting")).toMatchObject({ room: "stage", to: 2 });
  await publishing.event("stats", publishing.events.filter(({ event }) => event === "stats").length + 5);
  await failing.start();
  expect(await publishing.event("reconnected")).toMatchObject({ room: "stage", to: 2 });
  await publishing.event("published", 3);
  const packets = receiver.packets.slice(from);
  expect(packets.length).toBeGreaterThan(50);
  expect(packets.every((packet, index) => index === 0 || ((packet.sequence - (packets[index - 1]?.sequence ?? 0)) & 0xffff) === 1)).toBe(
    true,
  );
  expect(await publishing.end("SIGINT")).toMatchObject({ code: 0 });
  const recorded = publishing.events.find(({ event }) => event === "recorded");
  expect(recorded).toMatchObject({ lostMs: 0 });
  expect(execFileSync("opusinfo", [join(folder, "outage.ogg")], { encoding: "utf8" })).not.toMatch(/WARNING|ERROR/);
  await receiver.leave();
});

it("a server that is not there at first is told and tried again, while the others go on, and joined when it is", async () => {
  await failing.kill("SIGKILL");
  const publishing = run();
  expect(await publishing.event("published")).toMatchObject({ to: 1 });
  expect(await publishing.event("warning")).toMatchObject({ to: 2 });
  await publishing.until("the first round is over", () =>
    publishing.events.some(({ message }) => String(message).includes("tried again while")),
  );
  await failing.start();
  expect(await publishing.event("published", 2)).toMatchObject({ to: 2 });
  expect(await publishing.end("SIGINT")).toMatchObject({ code: 0 });
});

it("ends, with why, where no server is there", async () => {
  await Promise.all([failing.kill("SIGKILL"), lasting.kill("SIGKILL")]);
  const publishing = run();
  expect(await publishing.exited).toMatchObject({ code: 69 });
  await Promise.all([failing.start(), lasting.start()]);
});
