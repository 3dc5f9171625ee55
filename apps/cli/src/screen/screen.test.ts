import { describe, expect, it, vi } from "vitest";
import { FakeIo } from "../../test/fake-io.js";
import { Output } from "../output/output.js";
import { createPaint } from "../output/paint.js";
import { renderLevel, renderMeter } from "./meter.js";
import { openScreen } from "./screen.js";
import { formatElapsed, renderStatus, type Status } from "./status-line.js";
import { displayWidth, truncate, wrap } from "./width.js";

const plain = createPaint(false);

describe("the meter", () => {
  it.each([1, 7, 40, 100])("is exactly %d columns wide at every level", (columns) => {
    for (let levelDbfs = -101; levelDbfs <= 0; levelDbfs += 1) {
      const bar = renderMeter({ levelDbfs, peakDbfs: Math.min(0, levelDbfs + 7), silent: false }, columns, plain);
      expect(displayWidth(bar)).toBe(columns);
    }
  });

  it("fills from silence to full scale, and holds the peak above the level", () => {
    const bar = (levelDbfs: number, peakDbfs: number) => renderMeter({ levelDbfs, peakDbfs, silent: false }, 12, plain);
    expect(bar(-100, -100)).toBe("············");
    expect(bar(-30, -12)).toBe("██████···▏··");
    expect(bar(0, 0)).toBe("████████████");
  });

  it("turns red towards full scale where there is colour", () => {
    const bar = renderMeter({ levelDbfs: 0, peakDbfs: 0, silent: false }, 20, createPaint(true));
    expect(bar).toContain("\x1b[32m");
    expect(bar.indexOf("\x1b[31m")).toBeGreaterThan(bar.indexOf("\x1b[33m"));
  });

  it("says the level in constant width, and silence in a word", () => {
    const texts = [-100, -99, -9, 0].map((levelDbfs) => renderLevel({ levelDbfs, peakDbfs: 0, silent: false }));
    expect(new Set(texts.map(displayWidth))).toEqual(new Set([7]));
    expect(renderLevel({ levelDbfs: -70, peakDbfs: -70, silent: true })).toBe(" silent");
  });
});

describe("the status line", () => {
  const status: Status = {
    state: "live",
    room: "a-rather-long-room-name",
    others: 3,
    bitrateBps: 31_800,
    lossPercent: 0.4,
    roundTripMs: 23.4,
    elapsedMs: 754_000,
    keys: "mute-and-leave",
  };

  it("tells everything where there is room", () => {
    const line = renderStatus(status, 100, plain);
    expect(line).toBe("● live  12:34  a-rather-long-room-name  3 others  32 kbit/s  loss 0.4 %  23 ms  m mute  q leave");
  });

  it("never exceeds the terminal, and keeps the state until the last", () => {
    for (let columns = 1; columns <= 120; columns += 1) {
      for (const room of [status.room, "部屋部屋部屋", "x", undefined]) {
        const line = renderStatus({ ...status, room }, columns, plain);
        expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        if (columns >= 8) expect(line).toContain("● live");
      }
    }
  });

  it("drops statistics before keys, and cuts the room's name before either goes", () => {
    const line = renderStatus(status, 40, plain);
    expect(line).toContain("m mute  q leave");
    expect(line).toContain("…");
    expect(line).not.toContain("kbit/s");
  });

  it("shows a stranger's room name as text", () => {
    expect(renderStatus({ ...status, room: "\x1b[31mred" }, 100, plain)).toContain("\\u{1b}[31mred");
  });

  it.each([
    [7000, "0:07"],
    [3_723_000, "1:02:03"],
  ])("shows %d ms as %s", (elapsedMs, text) => expect(formatElapsed(elapsedMs)).toBe(text));
});

describe("cutting text", () => {
  it("breaks sentences at spaces, keeps their indentation, and never breaks a word", () => {
    expect(wrap("  fix: give a token or a key", 14, "    ")).toBe("  fix: give a\n    token or a\n    key");
    expect(wrap("https://example.com/a-long-address x", 10, " ")).toBe("https://example.com/a-long-address\n x");
  });

  it("never splits a wide character", () => {
    expect(truncate("日本語", 4)).toBe("日…");
    expect(truncate("abc", 3)).toBe("abc");
    expect(truncate("abc", 0)).toBe("");
  });
});

describe("the screen", () => {
  const open = (io: FakeIo, onKey: (key: string) => void = () => {}) => {
    const output = new Output(io, {});
    return { output, close: openScreen({ io, output, render: () => ["meter", "status"], onKey }) };
  };

  it("prints lines above itself and is gone at the end, with the cursor and the keys given back", () => {
    const io = new FakeIo({ terminal: true });
    const { output, close } = open(io);
    expect(io.stdin.raw).toBe(true);
    output.status("an event");
    expect(io.stderr.text).toContain("\x1b[2A\r\x1b[J\x1b[?7h\x1b[?25han event\n");
    close();
    expect(io.stdin.raw).toBe(false);
    expect(io.stderr.text.endsWith("\x1b[2A\r\x1b[J\x1b[?7h\x1b[?25h")).toBe(true);
    expect(io.listenerCount).toBe(0);
    close();
  });

  it("gives the terminal back however the process ends", () => {
    const io = new FakeIo({ terminal: true });
    open(io);
    io.exit();
    expect(io.stdin.raw).toBe(false);
    expect(io.stderr.text.endsWith("\x1b[?25h")).toBe(true);
  });

  it("passes keys on, and Ctrl-C, Ctrl-Z and Ctrl-\\ to the job", async () => {
    const io = new FakeIo({ terminal: true });
    const keys: string[] = [];
    const { close } = open(io, (key) => keys.push(key));
    io.stdin.write("m\x03\x1a\x1cq");
    io.stdin.write("\x1b[A"); // an arrow is no key of ours
    io.stdin.write("m");
    await vi.waitFor(() => expect(keys).toEqual(["m", "q", "m"]));
    expect(io.signals).toEqual(["SIGINT", "SIGTSTP", "SIGQUIT"]);
    close();
  });

  it("gives the terminal back before it stops, and takes it again when it goes on in the foreground", () => {
    const io = new FakeIo({ terminal: true });
    const { close } = open(io);
    io.emitJobSignal("SIGTSTP");
    expect(io.stdin.raw).toBe(false);
    expect(io.signals).toEqual(["SIGSTOP"]);
    io.foreground = false;
    io.emitJobSignal("SIGCONT");
    expect(io.stdin.raw).toBe(false);
    io.foreground = true;
    io.emitJobSignal("SIGCONT");
    expect(io.stdin.raw).toBe(true);
    close();
  });

  it("touches nothing in the background, nor where there is no terminal, nor with TERM=dumb", () => {
    const background = new FakeIo({ terminal: true });
    background.foreground = false;
    const pipe = new FakeIo();
    const dumb = new FakeIo({ terminal: true, env: { TERM: "dumb" } });
    for (const io of [background, pipe, dumb]) {
      const { close } = open(io);
      expect(io.stderr.text).toBe("");
      expect(io.stdin.raw).toBeUndefined();
      close();
    }
  });
});
