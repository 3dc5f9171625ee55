import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { failures } from "@roomtone/core";
import type { DevServer } from "@roomtone/dev-server";
import { createApiToken } from "@roomtone/dev-server/token";
import { withFolder } from "@roomtone/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { accessTo } from "./access-to.js";
import { BIN, endAll, Roomtone, type RoomtoneOptions } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

const server = withDevServer();
let endpoint: Server;
const folder = withFolder();
let keys: string[];
/** Every secret that a test used: none may appear in what any of them printed. */
const secrets: string[] = [];
let printed = "";

beforeAll(async () => {
  secrets.push(server().apiSecret);
  keys = accessTo(server());
  endpoint = createServer((_request, response) => response.writeHead(503).end("no tokens today"));
  await new Promise<void>((resolve) => endpoint.listen(0, "127.0.0.1", resolve));
});
afterEach(endAll);
afterAll(async () => {
  endpoint?.close();
});

const closedPort = "ws://127.0.0.1:1";
const fault = (name: string): Partial<RoomtoneOptions> => ({
  command: [process.execPath, "--require", join(import.meta.dirname, "faults", name), BIN],
});

async function token(claims: Partial<Parameters<DevServer["createToken"]>[0]> = {}): Promise<string> {
  const made = await server().createToken({ identity: "ana", roomName: "exit-codes", ...claims });
  secrets.push(made);
  return made;
}

/** A token in the right shape, signed with a secret that the server does not have. */
async function foreignToken(): Promise<string> {
  const [header, claims] = (await token()).split(".");
  const made = `${header}.${claims}.${Buffer.alloc(32, 7).toString("base64url")}`;
  secrets.push(made);
  return made;
}

async function expiredToken(): Promise<string> {
  const [header, , signature] = (await token()).split(".");
  const claims = { sub: "ana", exp: 1_700_000_000, video: { roomJoin: true, room: "exit-codes" } };
  const made = `${header}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${signature}`;
  secrets.push(made);
  return made;
}

/** Runs to the end, and says why in words. */
async function ends(args: readonly string[], code: keyof typeof failures, options: RoomtoneOptions = {}): Promise<void> {
  const { exitCode, fix } = failures[code];
  const run = new Roomtone(args, { cwd: folder(), ...options });
  const exit = await run.exited;
  printed += run.text + run.stderr;
  expect({ code: exit.code, stderr: run.stderr }).toMatchObject({ code: exitCode, stderr: expect.stringContaining(`error (${code}): `) });
  expect(run.stderr).toContain(`fix: ${fix}`);
  expect(run.stderr).not.toMatch(/^ +at /m);
  expect(run.text).toBe("");
}

/** The same, and says it to programs too. */
async function endsForProgramsToo(args: readonly string[], code: keyof typeof failures, options: RoomtoneOptions = {}): Promise<void> {
  await ends(args, code, options);
  const run = new Roomtone([...args, "--json"], { cwd: folder(), ...options });
  expect(await run.exited).toMatchObject({ code: failures[code].exitCode });
  printed += run.text + run.stderr;
  expect(run.events.filter((event) => event["event"] === "error")).toMatchObject([{ code, message: expect.any(String) }]);
  expect(run.events.at(-1)).toMatchObject({ event: "closed", reason: expect.any(String) });
  expect(run.stderr).not.toMatch(/^ +at /m);
}

const tone = ["--input", "tone:440"];

describe("exit codes", () => {
  it("64: wrong flags, values and combinations", async () => {
    await endsForProgramsToo(["publish", "--inptu", "x"], "usage");
    await ends(["publish", ...keys, ...tone], "usage"); // no room
    await ends(["publish", ...tone, "--token", await token()], "usage", { env: { LIVEKIT_URL: "" } }); // no server
    await ends(["publish", "--bitrate", "5", ...keys, "--room", "r", ...tone], "invalid-settings");
  });

  it("66: an input that is missing, empty or no audio", async () => {
    await writeFile(join(folder(), "empty.wav"), "");
    await writeFile(join(folder(), "text.mp3"), "this is a letter, not a song\n".repeat(50));
    const publish = ["publish", ...keys, "--room", "r", "--input"];
    await endsForProgramsToo([...publish, "nothing.wav"], "input-unreadable");
    await ends([...publish, "empty.wav"], "input-unreadable");
    await ends([...publish, "text.mp3"], "input-unreadable");
    await ends([...publish, "-"], "input-unreadable", { stdin: "" });
  });

  it("69: nothing answers, or it cannot be done here", async () => {
    await endsForProgramsToo(["publish", "--url", closedPort, "--token", await token(), "--retries", "1", ...tone], "server-unreachable");
    const address = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/token`;
    await ends(["publish", "--token-endpoint", address, "--retries", "0", ...tone], "endpoint-unreachable");
    await ends(["publish", ...keys, "--room", "r", ...tone, "--driver", "whip", "--track-name", "x"], "unsupported");
    await ends(["publish", ...keys, "--room", "r", ...tone], "native-missing", fault("no-natives.cjs"));
  });

  it("73: an output that cannot be written, or is full", async () => {
    await endsForProgramsToo(["listen", ...keys, "--room", "r", "--output", "no/such/folder/x.wav"], "output-unwritable");
    await ends(["record", ...tone, "no/such/folder/x.ogg"], "output-unwritable");
    await ends(["record", ...tone, "/dev/full"], "disk-full");
  });

  it("76: the server said no, or ended it", async () => {
    const api = async (method: string, body: object, grants: object) => {
      const response = await fetch(`${server().httpUrl}/twirp/livekit.RoomService/${method}`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${createApiToken(server(), { ...grants })}` },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(200);
    };
    const live = async (room: string, ...args: string[]) => {
      const run = new Roomtone(["publish", ...keys, "--room", room, "--identity", "ana", ...tone, "--json", ...args]);
      await run.event("published");
      return run;
    };
    const endsWith = async (run: Roomtone, code: keyof typeof failures) => {
      expect(await run.exited).toMatchObject({ code: failures[code].exitCode });
      expect(run.events.at(-2)).toMatchObject({ event: "error", code });
      expect(run.events.at(-1)).toEqual({ event: "closed", reason: code });
      printed += run.text + run.stderr;
    };
    const first = await live("duplicate");
    const second = await live("duplicate");
    await endsWith(first, "duplicate-identity");
    expect((await second.end("SIGTERM")).code).toBe(0);

    const removed = await live("removing");
    await api("RemoveParticipant", { room: "removing", identity: "ana" }, { roomAdmin: true, room: "removing" });
    await endsWith(removed, "participant-removed");

    const deleted = await live("deleting");
    await api("DeleteRoom", { room: "deleting" }, { roomCreate: true });
    await endsWith(deleted, "room-deleted");

    await api("CreateRoom", { name: "full", max_participants: 1 }, { roomCreate: true });
    const inside = await live("full");
    await ends(["publish", ...keys, "--room", "full", ...tone, "--retries", "0"], "server-full");
    expect((await inside.end("SIGTERM")).code).toBe(0);
  });

  it("77: credentials that are missing, malformed, foreign, expired, or not enough", async () => {
    const publish = ["publish", "--url", server().url, ...tone];
    await endsForProgramsToo([...publish, "--room", "r"], "token-missing");
    await ends([...publish, "--token", "nonsense"], "token-invalid");
    await ends([...publish, "--token", await foreignToken(), "--retries", "0"], "token-invalid");
    await ends([...publish, "--token", await expiredToken()], "token-expired");
    await ends([...publish, "--token", await token({ canPublish: false })], "grant-missing");
    await ends(["listen", "--url", server().url, "--token", await token({ canSubscribe: false })], "grant-missing");
  });

  it("1: a fault of ours, without its stack, which --verbose shows without secrets", async () => {
    await endsForProgramsToo(["publish", ...keys, "--room", "r", ...tone], "internal", fault("broken-audio.cjs"));
    const verbose = new Roomtone(["publish", ...keys, "--room", "r", ...tone, "--verbose"], fault("broken-audio.cjs"));
    expect(await verbose.exited).toMatchObject({ code: 1 });
    expect(verbose.stderr).toMatch(/^ +at /m);
    expect(verbose.stderr).toContain("<token>");
    expect(verbose.stderr).not.toContain("eyJ");
  });

  it("and nothing that was printed holds a secret", () => {
    expect(printed.length).toBeGreaterThan(1000);
    for (const secret of secrets) expect(printed.includes(secret)).toBe(false);
    expect(printed).not.toMatch(/eyJ[\w-]{10,}\.[\w-]{10,}/);
  });
});
