import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readToken } from "@roomtone/core";
import { createAccessToken } from "@roomtone/dev-server/token";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeIo } from "../../test/fake-io.js";
import { Output } from "../output/output.js";
import { findAccess } from "./credentials.js";
import { announceDevServer } from "./dev-state.js";
import type { GlobalOptions } from "./global-options.js";

const keys = { apiKey: "devkey", apiSecret: "rtsecret_cli_credentials_test_0123456789" };
const publishing = { publish: true, subscribe: false };

describe("getting into a room", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "roomtone-access-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const access = (
    options: GlobalOptions,
    env: Record<string, string> = {},
    io = new FakeIo({ env: { XDG_RUNTIME_DIR: folder, ...env }, cwd: folder }),
  ) => findAccess(options, publishing, io, new AbortController().signal, new Output(io, options));
  const token = (claims: Partial<Parameters<typeof createAccessToken>[0]> = {}) =>
    createAccessToken({ ...keys, identity: "ana", roomName: "stage", ...claims });

  it("joins with a literal token and knows its room", async () => {
    const literal = await token();
    const found = await access({ token: literal, url: "ws://127.0.0.1:1" });
    expect(found).toMatchObject({ credentials: { url: "ws://127.0.0.1:1", token: literal }, roomName: "stage" });
  });

  it("reads a token from a file, without the line's end", async () => {
    const literal = await token();
    await writeFile(join(folder, "token.jwt"), `${literal}\n`);
    expect(await access({ tokenFile: "token.jwt", url: "ws://x:1" })).toMatchObject({ credentials: { token: literal } });
  });

  it("takes any text, or nothing, for a token where the driver does, and refuses flags that then have no effect", async () => {
    const io = () => new FakeIo({ env: { XDG_RUNTIME_DIR: folder }, cwd: folder });
    const forWhip = (options: GlobalOptions) => {
      const opened = io();
      return findAccess(options, { ...publishing, anyToken: true }, opened, new AbortController().signal, new Output(opened, options));
    };
    const url = "https://host/whip";
    expect(await forWhip({ url, token: "rtsecret_stream-key" })).toMatchObject({ credentials: { url, token: "rtsecret_stream-key" } });
    expect(await forWhip({ url })).toMatchObject({ credentials: { url, token: "" } });
    expect(await forWhip({ url, token: await token() })).toMatchObject({ roomName: "stage" });
    await expect(forWhip({ url, token: "rtsecret_stream-key", room: "stage" })).rejects.toMatchObject({ code: "usage" });
    await expect(forWhip({ url, token: await token({ canPublish: false }) })).rejects.toMatchObject({ code: "grant-missing" });
    await expect(access({ url, token: "rtsecret_stream-key" })).rejects.toMatchObject({ code: "token-invalid" });
  });

  it("reads a token's line from standard input", async () => {
    const io = new FakeIo({ cwd: folder });
    const literal = await token();
    io.stdin.write(`\n  ${literal}  \nmore`);
    expect(await access({ token: "-", url: "ws://x:1" }, {}, io)).toMatchObject({ credentials: { token: literal } });
  });

  it("makes a fresh token for each join from a key and a secret, of one unique identity", async () => {
    const { credentials } = await access({ ...keys, url: "ws://x:1", room: "stage" });
    const first = await credentials.tokenSource?.fetch({});
    const second = await credentials.tokenSource?.fetch({}, true);
    expect(first?.participantToken).not.toBe(second?.participantToken);
    const [one, other] = [readToken(first?.participantToken ?? ""), readToken(second?.participantToken ?? "")];
    expect(one.identity).toMatch(/^roomtone-[a-z0-9]{8}$/);
    expect(other.identity).toBe(one.identity);
    expect(one.grants).toMatchObject({ canPublish: true, canSubscribe: false, canPublishData: false, canPublishSources: ["microphone"] });
    expect((one.expiresAtS ?? Number.POSITIVE_INFINITY) - Date.now() / 1000).toBeLessThanOrEqual(600);
    const another = await access({ ...keys, url: "ws://x:1", room: "stage" });
    expect(readToken((await another.credentials.tokenSource?.fetch({}))?.participantToken ?? "").identity).not.toBe(one.identity);
  });

  it("reaches the running development server with --dev, and the standard one where none runs", async () => {
    const io = new FakeIo({ env: { XDG_RUNTIME_DIR: folder }, cwd: folder });
    expect(await access({ dev: true }, {}, io)).toMatchObject({ url: "ws://127.0.0.1:7880", roomName: "roomtone" });
    const forget = await announceDevServer({ url: "ws://127.0.0.1:5", ...keys, room: "den" }, io);
    expect(await access({ dev: true }, {}, io)).toMatchObject({ url: "ws://127.0.0.1:5", roomName: "den" });
    await forget();
    expect(await access({ dev: true }, {}, io)).toMatchObject({ url: "ws://127.0.0.1:7880" });
  });

  it.each<[string, GlobalOptions | (() => Promise<GlobalOptions>), string]>([
    ["no credentials", { url: "ws://x:1", room: "stage" }, "token-missing"],
    ["a token file that is not there", { url: "ws://x:1", tokenFile: "nothing" }, "token-missing"],
    ["a malformed token", { url: "ws://x:1", token: "nonsense" }, "token-invalid"],
    ["no server", async () => ({ token: await token() }), "usage"],
    ["no room", { ...keys, url: "ws://x:1" }, "usage"],
    ["an address that is none", { ...keys, url: "nonsense", room: "stage" }, "usage"],
    ["a token of another room", async () => ({ url: "ws://x:1", token: await token(), room: "other" }), "usage"],
    ["a token of another identity", async () => ({ url: "ws://x:1", token: await token(), identity: "bob" }), "usage"],
    ["a token that gives another name", async () => ({ url: "ws://x:1", token: await token({ name: "Ana" }), name: "Bob" }), "usage"],
    ["a token that may not publish", async () => ({ url: "ws://x:1", token: await token({ canPublish: false }) }), "grant-missing"],
    [
      "a token that may publish cameras only",
      async () => ({ url: "ws://x:1", token: await token({ canPublishSources: ["camera"] }) }),
      "grant-missing",
    ],
  ])("says what is wrong about %s", async (_what, options, code) => {
    const given = typeof options === "function" ? await options() : options;
    const failure = access(given);
    await expect(failure).rejects.toMatchObject({ name: "RoomtoneError", code });
    await failure.catch((error: Error) => {
      for (const secret of [given.token, given.apiSecret]) if (secret && secret.length > 10) expect(error.message).not.toContain(secret);
    });
  });

  it("stops waiting for a token on standard input when asked to leave", async () => {
    const io = new FakeIo({ cwd: folder });
    const leaving = new AbortController();
    const waiting = findAccess({ token: "-", url: "ws://x:1" }, publishing, io, leaving.signal, new Output(io, {}));
    leaving.abort(new Error("leave"));
    await expect(waiting).rejects.toThrow("leave");
    expect(io.stdin.listenerCount("data")).toBe(0);
  });
});
