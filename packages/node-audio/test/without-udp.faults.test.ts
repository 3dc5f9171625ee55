import { fileURLToPath } from "node:url";
import { findLiveKitServer } from "@roomtone/dev-server";
import { describe, expect, it } from "vitest";
import { canIsolate, runIsolated } from "./support/isolated-network.js";

const program = fileURLToPath(new URL("./support/without-udp-program.mjs", import.meta.url));

describe.skipIf(!(await canIsolate()))("a network that drops UDP, and a server that is a full ICE agent", () => {
  it.for(["opus", "whip"])("media of the driver %s arrives over TCP", async (driver, { annotate }) => {
    await findLiveKitServer({}); // built, where it has to be, before there is no network
    const stdout = await runIsolated([process.execPath, program, driver], { udp: false });
    const { arrivedAfterMs } = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as { arrivedAfterMs: number };
    await annotate(`${driver}: arrived ${Math.round(arrivedAfterMs)} ms after the call to join`);
    expect(arrivedAfterMs).toBeLessThan(20_000);
  });
});
