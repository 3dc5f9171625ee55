import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withFolder, withVirtualMicrophone } from "@roomtone/testing";
import { afterEach, describe, expect, it } from "vitest";
import { accessTo } from "./access-to.js";
import { endAll, Roomtone, type RoomtoneOptions } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

const microphone = withVirtualMicrophone();
const server = withDevServer();
const folder = withFolder();
afterEach(endAll);

async function joins(args: readonly string[], options: RoomtoneOptions = {}): Promise<Record<string, unknown>> {
  const run = new Roomtone(["publish", "--input", "tone:440", "--duration", "50ms", "--json", ...args], { cwd: folder(), ...options });
  expect(await run.exited).toMatchObject({ code: 0 });
  expect(run.stderr).toBe("");
  return run.events[0] ?? {};
}

describe("every way to be let in", () => {
  it("a token on the command line, in a file, on standard input, in the environment and in .env", async () => {
    const token = (identity: string) => server().createToken({ identity, roomName: "ways" });
    const [flag, file, stdin, environment, dotenv] = await Promise.all(["flag", "file", "stdin", "environment", "dotenv"].map(token));
    if (!flag || !file || !stdin || !environment || !dotenv) throw new Error("five tokens were made");
    await writeFile(join(folder(), "token.jwt"), `${file}\n`);
    await writeFile(join(folder(), ".env"), `LIVEKIT_URL=${server().url}\nLIVEKIT_TOKEN="${dotenv}"\n`);
    const url = ["--url", server().url];
    const connected = await Promise.all([
      joins([...url, "--token", flag]),
      joins([...url, "--token-file", "token.jwt"]),
      joins([...url, "--token", "-"], { stdin }),
      joins([], { env: { LIVEKIT_URL: server().url, LIVEKIT_TOKEN: environment } }),
      joins([]),
    ]);
    await rm(join(folder(), ".env"));
    for (const [index, identity] of ["flag", "file", "stdin", "environment", "dotenv"].entries()) {
      expect(connected[index]).toEqual({ event: "connected", room: "ways", identity, attempt: expect.any(Number) });
    }
  });

  it("a key with its secret, a token that the command line made, and an endpoint", async () => {
    const keys = accessTo(server());
    const made = new Roomtone(["token", ...keys, "--room", "made", "--identity", "cy"]);
    expect(await made.exited).toMatchObject({ code: 0 });
    const [named, unnamed, minted, endpoint] = await Promise.all([
      joins([...keys, "--room", "keys", "--identity", "bob"]),
      joins([...keys, "--room", "keys"]),
      joins(["--url", server().url, "--token", "-"], { stdin: made.stdout }),
      joins(["--token-endpoint", server().tokenEndpoint, "--room", "endpoint", "--identity", "dee"]),
    ]);
    expect(named).toMatchObject({ room: "keys", identity: "bob" });
    expect(unnamed["identity"]).toMatch(/^roomtone-[a-z0-9]{8}$/);
    expect(minted).toMatchObject({ room: "made", identity: "cy" });
    expect(endpoint).toMatchObject({ room: "endpoint", identity: "dee" });
  });

  it("and the doctor finds nothing wrong with them", async () => {
    const doctor = (...args: string[]) => new Roomtone(["doctor", "--url", server().url, "--api-key", server().apiKey, "--json", ...args]);
    const well = doctor("--api-secret", server().apiSecret);
    expect({ ...(await well.exited), events: well.events }).toMatchObject({
      code: 0,
      events: expect.arrayContaining([{ event: "closed", reason: "finished" }]),
    });
    expect(well.events.filter((event) => event["event"] === "check").map((event) => event["result"])).toEqual(
      expect.not.arrayContaining(["failed", "skipped"]),
    );
    const ill = doctor("--api-secret", "rtsecret_not_the_servers_0123456789abcdef");
    expect(await ill.exited).toMatchObject({ code: 1 });
    expect(ill.events.filter((event) => event["result"] === "failed")).toMatchObject([
      { check: "token", fix: expect.stringContaining("secret") },
    ]);
  });

  it("listen plays the room through the speaker", async () => {
    const keys = accessTo(server(), "speaker");
    const recording = await microphone().record();
    const listener = new Roomtone(["listen", ...keys, "--json"]);
    await listener.event("connected");
    const publisher = new Roomtone(["publish", ...keys, "--input", "tone:440", "--json"]);
    await listener.event("track-subscribed");
    await listener.until("sound", () => recording.samples().some((sample) => Math.abs(sample) > 1000));
    for (const run of [publisher, listener]) expect(await run.end("SIGINT")).toMatchObject({ code: 0 });
    await recording.stop();
  });
});
