import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { withFolder } from "@roomtone/testing";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { BIN } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

const run = promisify(execFile);
const PATIENCE_MS = 20_000;

const server = withDevServer();
const folder = withFolder();
beforeAll(async () => {
  await writeFile(join(folder(), "token"), await server().createToken({ identity: "ana", roomName: "stage" }));
});

let opened = 0;

/** A shell in a terminal of its own, with the job control that people use. */
class Terminal {
  readonly #socket: string;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  static async open(columns: number, rows: number): Promise<Terminal> {
    const terminal = new Terminal(join(folder(), `tmux-${++opened}`));
    terminals.add(terminal);
    const environment = [
      "-e",
      `PATH=${dirname(process.execPath)}:${process.env["PATH"]}`,
      "-e",
      "CI=",
      "-e",
      "NO_COLOR=",
      "-e",
      "LIVEKIT_URL=",
    ];
    await terminal.#tmux(
      "-f",
      "/dev/null",
      "new-session",
      "-d",
      "-x",
      `${columns}`,
      "-y",
      `${rows}`,
      ...environment,
      "PS1='$ ' exec bash --norc --noprofile",
    );
    await terminal.until((screen) => screen.includes("$"));
    return terminal;
  }

  async #tmux(...args: string[]): Promise<string> {
    return (await run("tmux", ["-S", this.#socket, ...args])).stdout;
  }
  /** What the terminal shows, without the white space at the ends. */
  async screen(): Promise<string> {
    return (await this.#tmux("capture-pane", "-p"))
      .split("\n")
      .map((line) => line.trimEnd())
      .join("\n")
      .trimEnd();
  }
  async type(...keys: string[]): Promise<void> {
    await this.#tmux("send-keys", ...keys);
  }
  async line(text: string): Promise<void> {
    await this.#tmux("send-keys", "-l", text);
    await this.type("Enter");
  }
  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux("resize-window", "-x", `${columns}`, "-y", `${rows}`);
  }
  async until(condition: (screen: string) => boolean): Promise<string> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const screen = await this.screen();
      if (condition(screen)) return screen;
      if (performance.now() > deadline) throw new Error(`waited in vain, and this is on the screen:\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  async close(): Promise<void> {
    terminals.delete(this);
    await this.#tmux("kill-server").catch(() => {});
  }
}
const terminals = new Set<Terminal>();
afterEach(() => Promise.all([...terminals].map((terminal) => terminal.close())));

const publish = () => `node ${BIN} publish --url ${server().url} --token-file ${folder()}/token --input tone:440`;

describe("on a terminal", () => {
  it("shows a meter and one line of status, takes m and q, fits a narrow pane, and gives the terminal back", async () => {
    const terminal = await Terminal.open(80, 24);
    await terminal.line(publish());
    const screen = await terminal.until((text) => /● live .*stage .*m mute {2}q leave/.test(text) && text.includes("█"));
    expect(screen).toContain("✓ in room stage as ana");
    expect(screen.match(/● live/g)).toHaveLength(1);

    await terminal.type("m");
    await terminal.until((text) => text.includes("● muted") && text.includes("m unmute") && text.includes("tone is muted"));
    await terminal.type("m");
    await terminal.until((text) => text.includes("● live"));

    await terminal.resize(40, 24);
    const narrow = await terminal.until((text) => /^● live .*q leave$/m.test(text) && text.match(/●/g)?.length === 1);
    for (const line of narrow.split("\n")) expect(line.length).toBeLessThanOrEqual(40);

    await terminal.type("q");
    await terminal.until((text) => /left after 0:\d\d\n\$$/.test(text));
    await terminal.line("stty -a | tr ' ' '\\n' | grep -x -e icanon -e echo -e isig | tr '\\n' ' '; echo code=$?");
    await terminal.until(
      (text) => /isig icanon echo|icanon echo|isig.*\n?.*code=0/s.test(text) && text.includes("icanon") && text.includes("echo"),
    );
  });

  it("leaves on Ctrl-C in raw mode, and stops and goes on with Ctrl-Z, bg and fg", async () => {
    const terminal = await Terminal.open(80, 24);
    await terminal.line(publish());
    await terminal.until((text) => text.includes("● live"));
    await terminal.type("C-z");
    await terminal.until((text) => text.includes("Stopped"));
    await terminal.line("echo the shell has $((20 + 3)) keys");
    await terminal.until((text) => text.includes("the shell has 23 keys"));
    await terminal.line("clear; bg");
    await terminal.until((text) => text.includes("&"));
    await terminal.line("echo not touched $((40 + 2))");
    const background = await terminal.until((text) => text.includes("not touched 42"));
    expect(background).not.toContain("●");
    await terminal.line("fg");
    await terminal.until((text) => text.includes("● live") || text.includes("● reconnecting"));
    await terminal.type("C-c");
    await terminal.until((text) => /left after.*\n\$$/s.test(text));
    await terminal.line("echo code=$?");
    await terminal.until((text) => text.includes("code=0"));
  });

  it("does nothing to the terminal when it is started in the background", async () => {
    const terminal = await Terminal.open(80, 24);
    await terminal.line(`${publish()} &`);
    await terminal.until((text) => text.includes("publishing tone"));
    await terminal.line("echo m$((1 + 1)); jobs");
    const screen = await terminal.until((text) => text.includes("m2") && text.includes("Running"));
    expect(screen).not.toContain("●");
    await terminal.line("kill %1; wait %1; echo code=$?");
    await terminal.until((text) => text.includes("code=0"));
  });

  it("gives the terminal back after a signal and after an error", async () => {
    const terminal = await Terminal.open(80, 24);
    await terminal.line(`clear; ${publish()}`);
    await terminal.until((text) => text.includes("● live"));
    const { stdout } = await run("pgrep", ["-n", "-f", `^node .*${folder()}/token`]);
    process.kill(Number(stdout), "SIGHUP");
    await terminal.until((text) => /left after.*\n\$$/s.test(text));
    await terminal.line(`clear; ${publish()} --driver whip --track-name x; echo code=$?`);
    await terminal.until((text) => text.includes("code=69"));
    await terminal.line("stty -a | tr ' ' '\\n' | grep -c -x -e icanon -e echo");
    await terminal.until((text) => /\n2\n\$$/.test(text));
  });

  it("asks for what is missing, and takes Ctrl-C for an answer", async () => {
    const terminal = await Terminal.open(80, 24);
    await terminal.line(`node ${BIN} publish --url ${server().url} --input tone:440`);
    await terminal.until((text) => text.includes("How do you get into the room?"));
    await terminal.type("C-c");
    await terminal.until((text) => text.trimEnd().endsWith("$"));
    await terminal.line("echo code=$?");
    await terminal.until((text) => text.includes("code=0"));
  });
});
