import { readToken } from "@roomtone/core";
import { describe, expect, it } from "vitest";
import { FakeIo } from "../../test/fake-io.js";
import { main } from "../main.js";

const secret = "rtsecret_token_command_0123456789abcdef";
const keys = ["--api-key", "key", "--api-secret", secret, "--room", "stage"];

async function token(args: string[], io = new FakeIo()): Promise<FakeIo> {
  expect(await main(["token", ...args], "0", io, new AbortController().signal)).toBe(0);
  return io;
}

describe("roomtone token", () => {
  it("prints the token and nothing else", async () => {
    const io = await token([
      ...keys,
      "--identity",
      "ana",
      "--name",
      "Ana",
      "--metadata",
      "m",
      "--attribute",
      "a=1",
      "--attribute",
      "b=2=3",
    ]);
    expect(io.stdout.text).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(io.stderr.text).toBe("");
    expect(readToken(io.stdout.text)).toMatchObject({
      identity: "ana",
      name: "Ana",
      roomName: "stage",
      issuer: "key",
      metadata: "m",
      attributes: { a: "1", b: "2=3" },
      grants: { roomJoin: true, canPublish: true, canSubscribe: true },
    });
  });

  it("is valid for an hour unless told otherwise", async () => {
    for (const [args, seconds] of [[[], 3600] as const, [["--valid-for", "90s"], 90] as const]) {
      const claims = readToken((await token([...keys, ...args])).stdout.text);
      expect((claims.expiresAtS ?? 0) - (claims.notBeforeS ?? 0)).toBe(seconds);
    }
  });

  it("makes one that may only listen", async () => {
    const { grants } = readToken((await token([...keys, "--subscribe-only"])).stdout.text);
    expect(grants).toMatchObject({ canPublish: false, canPublishData: false, canSubscribe: true });
  });

  it("limits the sources", async () => {
    const { grants } = readToken((await token([...keys, "--can-publish-sources", "microphone,screen-share-audio"])).stdout.text);
    expect(grants.canPublishSources).toEqual(["microphone", "screen-share-audio"]);
  });

  it("explains one from the argument, from standard input and from a file's flag alike", async () => {
    const made = (await token([...keys, "--identity", "ana", "--valid-for", "10h", "--subscribe-only"])).stdout.text;
    const fromArgument = (await token(["--inspect", made.trim()])).stdout.text;
    const io = new FakeIo();
    io.stdin.end(made);
    expect((await token(["--inspect"], io)).stdout.text).toBe(fromArgument);
    expect(fromArgument).toMatch(/^room +stage\nidentity +ana\nmay +join, not publish, listen, not send data\nexpires .*in 10 h/);
    expect(fromArgument).not.toContain(made.trim());
  });

  it("explains an expired one too", async () => {
    const made = (await token([...keys, "--valid-for", "1s"])).stdout.text.trim();
    const [header, , signature] = made.split(".");
    const old = Buffer.from(JSON.stringify({ sub: "a", exp: 1, video: { roomJoin: true, room: "r" } })).toString("base64url");
    expect((await token(["--inspect", `${header}.${old}.${signature}`])).stdout.text).toContain("EXPIRED");
  });

  it("puts the token or its claims into JSON where asked", async () => {
    const io = await token([...keys, "--json"]);
    expect(io.stdout.events).toMatchObject([
      { event: "token", token: expect.stringMatching(/^ey/) },
      { event: "closed", reason: "finished" },
    ]);
    const inspected = await token(["--json", "--inspect", String(io.stdout.events[0]?.["token"])]);
    expect(inspected.stdout.events).toMatchObject([{ event: "claims", roomName: "stage" }, { event: "closed" }]);
  });
});
