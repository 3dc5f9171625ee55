import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { openTone, rtcDriver } from "@roomtone/node-audio";
import { describe, expect, it } from "vitest";
import { countResources } from "./resources.js";
import { until, withHall } from "./support/hall.js";
import { listParticipants } from "./support/moderator.js";

const hall = withHall();

const signal = new AbortController().signal;
const options = { trackId: "voice", name: "voice", source: "microphone", muted: false, opus: {} } as const;
/** 500 ms, with threefold slack for a loaded machine. */
const CLOSE_BOUND_MS = 1500;

describe("leaving a room", () => {
  it("is done within its bound while the server is frozen, and the server lets us go when it thaws", async () => {
    const tone = hall().lifetime.own(openTone(), (capture) => capture.close());
    const connection = await rtcDriver().connect(
      { url: hall().server.url, token: await hall().token("me"), subscribe: false, on: () => {} },
      signal,
    );
    const track = await connection.publish(tone, options, signal);
    await hall().server.signal("SIGSTOP");
    try {
      const startMs = performance.now();
      const unpublishing = track.unpublish();
      await connection.close();
      expect(performance.now() - startMs).toBeLessThan(CLOSE_BOUND_MS);
      await unpublishing;
      const joining = new AbortController();
      const join = rtcDriver().connect(
        { url: hall().server.url, token: await hall().token("late"), subscribe: false, on: () => {} },
        joining.signal,
      );
      setTimeout(() => joining.abort(new Error("gave up")), 100); // into the join, which nobody answers
      await expect(join).rejects.toThrow("gave up");
      expect(performance.now() - startMs).toBeLessThan(2 * CLOSE_BOUND_MS);
    } finally {
      await hall().server.signal("SIGCONT");
    }
    await until("nobody is left", async () => (await listParticipants(hall().server, hall().roomName)).length === 0);
  });

  it("keeps no handle and no listener over ten joins and leaves", async () => {
    const cycle = async () => {
      const tone = openTone();
      const room = await hall().join("me", { driver: "rtc" });
      await room.publish(tone, { name: "voice" });
      await room.close();
      await tone.close();
    };
    await cycle();
    const listeners = () => globalThis._ffiClientInstance?.listenerCount("ffi_event");
    const before = { handles: (await countResources()).handles, listeners: listeners() };
    for (let count = 0; count < 10; count += 1) await cycle();
    await until("the resources are back", async () => {
      const { handles } = await countResources();
      return handles.length <= before.handles.length && listeners() === before.listeners;
    });
  });

  it("lets the process end by itself once the natives are released, with nothing of the vendor's on standard output", async () => {
    const script = `
      import { joinRoom, openTone, releaseNatives } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)};
      const [url, token] = process.argv.slice(1);
      const tone = openTone();
      const room = await joinRoom({ url, token }, { driver: "rtc" });
      await room.publish(tone, { name: "voice" });
      await room.close();
      await tone.close();
      await releaseNatives();
      console.log(JSON.stringify(await room.closed));`;
    const { NODE_ENV: _, ...env } = process.env;
    const ending = promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", script, hall().server.url, await hall().token("child")],
      {
        env,
        timeout: 20_000,
      },
    );
    expect((await ending).stdout).toBe('{"reason":"left"}\n');
    await until("it has left", async () => (await listParticipants(hall().server, hall().roomName)).length === 0);
  });

  it("refuses an address that is no LiveKit server", async () => {
    const web = createServer((_request, response) => response.end("hi"));
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    const address = web.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const connect = (url: string) => rtcDriver().connect({ url, token: `${"e30."}${"e30."}e30`, subscribe: false, on: () => {} }, signal);
    await expect(connect(`ws://127.0.0.1:${port}`)).rejects.toMatchObject({ code: "server-unreachable" });
    await expect(connect("ftp://127.0.0.1")).rejects.toMatchObject({ code: "usage" });
    await expect(connect("not an address")).rejects.toMatchObject({ code: "usage" });
    web.closeAllConnections();
    await new Promise((resolve) => web.close(resolve));
  });
});
