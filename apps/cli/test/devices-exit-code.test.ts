import { withVirtualMicrophone } from "@roomtone/testing";
import { afterEach, describe, expect, it } from "vitest";
import { accessTo } from "./access-to.js";
import { endAll, Roomtone } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

const microphone = withVirtualMicrophone();
const server = withDevServer();
afterEach(endAll);

const credentials = () => accessTo(server(), "devices");

describe("audio devices on the command line", () => {
  it("lists them by the names that --device takes, a line each", async () => {
    await microphone().addDevice("desk", "input");
    const run = new Roomtone(["devices", "--json"]);
    expect(await run.exited).toMatchObject({ code: 0 });
    expect(run.events.at(-1)).toEqual({ event: "closed", reason: "finished" });
    const names = run.events.filter((event) => event["event"] === "device" && event["kind"] === "input").map((event) => event["name"]);
    expect(names).toContain("desk");
    const plain = new Roomtone(["devices"]);
    expect(await plain.exited).toMatchObject({ code: 0 });
    expect(plain.text.split("\n").some((line) => line.startsWith("input\t") && line.includes("\tdesk\t"))).toBe(true);
  });

  it("publishes the chosen one, which a listener hears", async () => {
    const stop = await microphone().playTone(440);
    const publisher = new Roomtone(["publish", ...credentials(), "--input", "microphone", "--json"]);
    await publisher.event("published");
    expect((await publisher.end("SIGINT")).code).toBe(0);
    expect(publisher.events.at(-1)).toEqual({ event: "closed", reason: "left" });
    await stop();
  });

  it("74: a device that is not there, named in the message", async () => {
    const run = new Roomtone(["publish", ...credentials(), "--device", "no such microphone"]);
    expect(await run.exited).toMatchObject({ code: 74 });
    expect(run.stderr).toContain("error (device-not-found): ");
    expect(run.stderr).toContain("no such microphone");
    expect(run.stderr).not.toMatch(/^ +at /m);
    expect(run.text).toBe("");
  });
});
