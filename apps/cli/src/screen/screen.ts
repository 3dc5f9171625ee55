import type { Io } from "../io.js";
import type { Output } from "../output/output.js";
import type { Paint } from "../output/paint.js";
import { readKeys } from "./keys.js";
import { TerminalBlock } from "./live-block.js";

/** About 12 redraws a second: a meter looks alive, and a slow connection to the terminal keeps up. */
const REDRAW_MS = 80;
/** How often we look whether the shell put us into the background: no signal tells. */
const FOREGROUND_CHECK_REDRAWS = 8;

export interface ScreenOptions {
  readonly io: Io;
  readonly output: Output;
  /** The lines to show now, each no wider than `columns`. */
  readonly render: (columns: number, paint: Paint, keysWork: boolean) => readonly string[];
  readonly onKey?: (key: string) => void;
}

/**
 * Shows live lines below the output, redrawn in place, and reads keys, while this process is in the terminal's foreground.
 * The returned function ends it and leaves the terminal as it was; so does the end of the process, however it comes.
 * Where standard error is no terminal, nothing happens.
 */
export function openScreen(options: ScreenOptions): () => void {
  const { io, output, render } = options;
  if (!output.isTerminal) return () => {};
  const block = new TerminalBlock(io.stderr);
  let stopKeys: (() => void) | undefined;
  let foreground = false;
  let redraws = 0;

  const enter = () => {
    foreground = true;
    if (options.onKey && io.stdin.isTTY) stopKeys = readKeys(io, options.onKey);
  };
  const leave = (how: "erase" | "release") => {
    foreground = false;
    stopKeys?.();
    stopKeys = undefined;
    block[how]();
  };
  const tick = () => {
    redraws += 1;
    if (redraws % FOREGROUND_CHECK_REDRAWS === 0 && io.isForeground() !== foreground) {
      if (foreground) leave("release");
      else enter();
    }
    // A terminal that cannot keep up gets the next picture, not all of them.
    if (foreground && !io.stderr.writableNeedDrain) block.draw(render(block.columns, output.paint, stopKeys !== undefined));
  };

  if (io.isForeground()) enter();
  tick();
  const timer = setInterval(tick, REDRAW_MS);
  const releases = [
    () => clearInterval(timer),
    output.attach(block),
    io.onJobSignal("SIGTSTP", () => {
      leave("release");
      io.stopSelf();
    }),
    io.onJobSignal("SIGCONT", () => {
      if (!foreground && io.isForeground()) enter();
    }),
    io.onJobSignal("SIGWINCH", tick),
    io.atExit(() => leave("erase")),
  ];
  return () => {
    leave("erase");
    for (const release of releases.splice(0)) release();
  };
}
