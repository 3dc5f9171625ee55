import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reportFault } from "@roomtone/testing";
import { RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { accessTo } from "./access-to.js";
import { endAll, Roomtone } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

const server = withDevServer();
let folder: string;

/** A file system of 16 KiB: making one takes root on Linux, which is what continuous integration is. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomtone-small-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=16k", "tmpfs", folder]);
});
afterEach(async () => {
  await endAll();
  execFileSync("umount", [folder]);
  await rm(folder, { recursive: true, force: true });
});

const publish = (driver: string, room: string) => {
  const access = accessTo(server(), room);
  const audio = ["--driver", driver, "--input", "tone:440", "--record", "take.ogg"];
  return new Roomtone(["publish", ...access, ...audio, "--json"], { stdin: "open", cwd: folder });
};

describe.each(["opus", "rtc"])("roomtone publish --driver %s --record", (driver) => {
  it("on a disk that fills up is heard until then, and ends with disk-full and a file that plays", async (context) => {
    const room = `full-${driver}`;
    const listener = await RawSubscriber.join(server().url, await server().createToken({ identity: "listener", roomName: room }));
    const run = publish(driver, room);
    const { code } = await run.exited;
    expect(run.events.map(({ event }) => event)).toContain("published");
    expect(listener.packets.length).toBeGreaterThan(20);
    await listener.leave();
    expect(code).toBe(73);
    expect(run.events.at(-2)).toMatchObject({ event: "error", code: "disk-full", message: expect.stringContaining("take.ogg") });
    expect(run.events.at(-1)).toMatchObject({ event: "closed" });
    // It warns that the last page has no mark of the end, which no room was left for.
    expect(spawnSync("opusinfo", [join(folder, "take.ogg")], { encoding: "utf8" }).stdout).toContain("Playback length");
    await reportFault(context, {
      part: "machine",
      fault: "disk full while publishing and recording",
      driver,
      seen: "`disk-full` with the path, exit 73: the room is left, for who asked for a file wants to know",
      lost: "all from then on; what was written plays",
      backMs: [],
      guard: "cli `room/recording.ts`, `recording/recording-file.ts` (both *tried*)",
    });
  });

  it("on a read-only disk publishes nothing, and ends with output-unwritable", async (context) => {
    execFileSync("mount", ["-o", "remount,ro", folder]);
    const run = publish(driver, `read-only-${driver}`);
    expect(await run.exited).toMatchObject({ code: 73 });
    const message = expect.stringContaining("read-only");
    expect(run.events.find(({ event }) => event === "error")).toMatchObject({ code: "output-unwritable", message });
    await reportFault(context, {
      part: "machine",
      fault: "read-only disk, recording asked for",
      driver,
      seen: "`output-unwritable` with the path, exit 73",
      lost: "",
      backMs: [],
      guard: "`recording/recording-file.ts` (*tried*)",
    });
  });
});
