import { describe, expect, it } from "vitest";
import { FakeIo } from "../test/fake-io.js";
import { LeaveRequest } from "./leave.js";
import { main } from "./main.js";

const version = "1.2.3";
async function roomtone(args: string[], io = new FakeIo()): Promise<{ code: number; out: string; err: string; io: FakeIo }> {
  const code = await main(args, version, io, new AbortController().signal);
  return { code, out: io.stdout.text, err: io.stderr.text, io };
}

describe("the command line", () => {
  it("prints its version", async () => expect(await roomtone(["--version"])).toMatchObject({ code: 0, out: "1.2.3\n", err: "" }));

  it.each([[], ["--help"], ["help"], ["-h"]])("shows help for %j on standard output", async (...args) => {
    const { code, out, err } = await roomtone(args);
    expect(code).toBe(0);
    expect(out).toContain("Start here:");
    expect(err).toBe("");
  });

  it.each(["dev", "publish", "listen", "record", "devices", "token", "doctor", "completion"])("teaches %s by example", async (command) => {
    const { code, out } = await roomtone([command, "--help"]);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`Examples:\n  # .*\n.*roomtone ${command}`));
    expect(out).toContain("--json");
    expect((await roomtone(["help", command])).out).toBe(out);
  });

  it("warns in its help that a process list shows tokens", async () => {
    expect((await roomtone(["publish", "--help"])).out.replace(/\s+/g, " ")).toContain("a token (a process list shows it)");
  });

  it.each([
    [["nonsense"], "Unknown command"],
    [["--json"], "Which command?"],
    [["publish", "--inpt", "x"], "Did you mean --input"],
    [["publish", "song.wav"], "--input"],
    [["publish", "--duration"], "argument missing"],
    [["publish", "--duration", "soon"], "length of time"],
    [["publish", "--room", "--muted"], "another flag"],
    [["publish", "--driver", "pigeon"], "Allowed choices"],
    [["publish", "--url", "nonsense"], "address"],
    [["publish", "--input", "tone:loud"], "hertz"],
    [["publish", "--input", "-", "--input", "-"], "Standard input"],
    [["publish", "--input", "-", "--token", "-"], "Standard input"],
    [["publish", "--input", "tone", "--device", "x"], "--device"],
    [["publish", "--input", "tone", "--loop"], "--loop"],
    [["publish", "--input", "tone", "--track-name", "a", "--track-name", "b"], "--track-name"],
    [["publish", "--input", "tone", "--input", "tone", "--track-name", "a", "--track-name", "a"], "Two tracks"],
    [["publish", "--input", "tone", "--input", "tone", "--record", "x.ogg"], "--record"],
    [["listen", "--json", "--output", "-"], "standard output"],
    [["listen", "--output", "x.wav", "--device", "y"], "--device"],
    [["token", "--can-publish-sources", "voice"], "microphone"],
    [["token", "--subscribe-only", "--can-publish-sources", "camera"], "--subscribe-only"],
    [["token", "--attribute", "novalue"], "key=value"],
    [["dev", "--url", "ws://x:1"], "server of its own"],
    [["completion", "powershell"], "bash, zsh, fish"],
  ])("refuses %j with 64 and a sentence", async (args, sentence) => {
    const { code, out, err } = await roomtone(args);
    expect(err).toContain(sentence);
    expect(err).toMatch(/^error \(usage\): .*\n {2}fix: .*\n$/);
    expect(code).toBe(64);
    if (!args.includes("--json")) expect(out).toBe("");
  });

  it.each([
    [["publish", "--bitrate", "1"], "invalid-settings", 64],
    [["publish", "--application", "restricted-lowdelay", "--fec"], "invalid-settings", 64],
    [["publish", "--frame-duration", "5", "--forward-error-correction"], "invalid-settings", 64],
    [["record", "--complexity", "11"], "invalid-settings", 64],
    [["publish", "--driver", "whip", "--input", "tone:440", "--input", "tone:550"], "unsupported", 69],
    [["publish", "--driver", "whip", "--track-name", "voice"], "unsupported", 69],
    [["publish", "--url", "ws://x:1", "--room", "y"], "token-missing", 77],
    [["token", "--room", "x"], "token-missing", 77],
    [["token", "--inspect", "nonsense"], "token-invalid", 77],
  ])("ends %j as %s, %d, and says it in JSON as well", async (args, code, exitCode) => {
    const human = await roomtone(args);
    expect(human.code).toBe(exitCode);
    expect(human.out).toBe("");
    expect(human.err).toContain(`error (${code}):`);
    const json = await roomtone([...args, "--json"]);
    expect(json.code).toBe(exitCode);
    expect(json.io.stdout.events).toMatchObject([{ event: "error", code }, { event: "closed" }]);
  });

  it("never repeats what was given in place of a flag or beside one: it may be a secret", async () => {
    const secret = "rtsecret_misplaced_0123456789abcdef";
    for (const args of [
      ["publish", `--tokn=${secret}`],
      ["token", secret],
      ["publish", "--url", `ws://${secret}@host`],
      ["publish", "--driver", secret],
      ["completion", secret],
    ]) {
      const { code, out, err } = await roomtone(args);
      expect(code).toBe(64);
      expect(out + err).not.toContain(secret);
    }
  });

  it("takes global flags before and after the command", async () => {
    const { io } = await roomtone([
      "--json",
      "token",
      "--api-key",
      "k",
      "--room",
      "r",
      "--api-secret",
      "rtsecret_global_flags_0123456789abc",
    ]);
    expect(io.stdout.events).toMatchObject([
      { event: "token", room: "r" },
      { event: "closed", reason: "finished" },
    ]);
  });

  it("leaves with 0 when asked to while it waits for something", async () => {
    const io = new FakeIo();
    const leaving = new AbortController();
    const running = main(["token", "--inspect"], version, io, leaving.signal);
    leaving.abort(new LeaveRequest("signal"));
    expect(await running).toBe(0);
    expect(io.stderr.text).toBe("");
  });

  it("escapes what strangers wrote before a terminal shows it", async () => {
    const io = new FakeIo();
    await roomtone(
      ["token", "--api-key", "k", "--api-secret", "rtsecret_escape_0123456789abcdefgh", "--room", "r\x1b[2J", "--identity", "a"],
      io,
    );
    const { out } = await roomtone(["token", "--inspect", io.stdout.text.trim()]);
    expect(out).toContain("\\u{1b}[2J");
    expect(out).not.toContain("\x1b");
  });
});
