import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { Sink } from "../test/fake-io.js";
import { runProcess } from "./process.js";

/** A process whose end can be looked at. */
class FakeProcess extends EventEmitter {
  readonly argv: string[];
  readonly stdin = new PassThrough();
  readonly stdout = new Sink();
  readonly stderr = new Sink();
  readonly env = {};
  readonly pid = 1;
  readonly platform = "linux";
  readonly version = "v24.0.0";
  readonly exited: Promise<number>;
  #exit: (code: number) => void = () => {};

  constructor(...args: string[]) {
    super();
    this.argv = ["node", "roomtone", ...args];
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
    void runProcess(this as unknown as NodeJS.Process);
  }
  cwd(): string {
    return "/nowhere";
  }
  exit(code: number): void {
    this.#exit(code);
  }
}

/** It waits for a token that does not come. */
const waiting = ["token", "--inspect"];

describe("the process", () => {
  it("ends with the command's code", async () => {
    expect(await new FakeProcess("--version").exited).toBe(0);
    expect(await new FakeProcess("nonsense").exited).toBe(64);
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"])("leaves with 0 on the first %s, and says nothing", async (signal) => {
    const process = new FakeProcess(...waiting);
    process.emit(signal);
    expect(await process.exited).toBe(0);
    expect(process.stderr.text + process.stdout.text).toBe("");
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ])("ends on a second %s with %d, without waiting for the first", async (signal, code) => {
    const process = new FakeProcess(...waiting);
    process.emit("SIGINT");
    process.emit(signal);
    expect(await process.exited).toBe(code);
  });

  it("leaves quietly with 0 when standard output is closed by its reader", async () => {
    const process = new FakeProcess(...waiting);
    process.stdout.emit("error", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    expect(await process.exited).toBe(0);
    expect(process.stderr.text).toBe("");
  });

  it("reports what nobody caught as a fault of its own, in words, and with --verbose where it was, without tokens", async () => {
    const thrown = new Error("secret eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln");
    const quiet = new FakeProcess(...waiting);
    quiet.emit("uncaughtException", thrown);
    expect(await quiet.exited).toBe(1);
    expect(quiet.stderr.text).toMatch(/^error \(internal\): .*\n {2}fix: .*\n$/);

    const verbose = new FakeProcess(...waiting, "--verbose", "--json");
    verbose.emit("unhandledRejection", thrown);
    expect(await verbose.exited).toBe(1);
    expect(verbose.stderr.text).toContain("secret <token>");
    expect(verbose.stdout.events).toMatchObject([
      { event: "error", code: "internal" },
      { event: "closed", reason: "failed" },
    ]);
  });

  it("shows no escape sequence of a stranger's in the stack of what nobody caught, nor in a warning of Node's", async () => {
    const verbose = new FakeProcess(...waiting, "--verbose");
    const hostile = "a device named \u001b]0;mine\u0007\u009b2J";
    verbose.emit("warning", new Error(hostile));
    verbose.emit("uncaughtException", new Error(hostile));
    expect(await verbose.exited).toBe(1);
    expect(verbose.stderr.text.match(/a device named \\u\{1b\}\]0;mine\\u\{7\}\\u\{9b\}2J\n +at /g)).toHaveLength(2);
    expect(verbose.stderr.text).not.toMatch(/[^\n\P{Cc}]/u);
  });

  it("does not turn a clean leave into a failure", async () => {
    const process = new FakeProcess(...waiting);
    process.emit("SIGTERM");
    process.emit("uncaughtException", new Error("too late to matter"));
    expect(await process.exited).toBe(0);
  });
});
