import { failures, type RoomtoneError } from "@roomtone/core";
import type { Io } from "../io.js";
import { wrap } from "../screen/width.js";
import { escapeForTerminal, toJsonLine } from "./escape.js";
import type { CliEvent, Place } from "./events.js";
import { describeEvent } from "./human.js";
import { createPaint, type Paint, wantsColour } from "./paint.js";
import { Redaction } from "./redact.js";

export interface OutputOptions {
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
}

/** Something that occupies the terminal's last lines and makes way for a line of text. */
export interface LiveBlock {
  /** Calls `print` with the block out of the way, then draws the block again. */
  interrupt(print: () => void): void;
}

/** Where a command says things: data on standard output, status on standard error, events as JSON where asked for. */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** For standard error. */
  readonly paint: Paint;
  readonly redaction = new Redaction();
  readonly #io: Io;
  #liveBlock: LiveBlock | undefined;

  constructor(io: Io, options: OutputOptions) {
    this.#io = io;
    this.json = options.json === true;
    this.quiet = options.quiet === true;
    this.verbose = options.verbose === true;
    this.paint = createPaint(wantsColour(io.stderr, io.env));
  }

  /** Whether a person watches standard error and wants status there. */
  get isTerminal(): boolean {
    return this.#io.stderr.isTTY === true && !this.json && !this.quiet && this.#io.env["TERM"] !== "dumb";
  }

  /** An event: a line of JSON with `--json`, else a line of status where a person wants to know it. */
  event(event: CliEvent, place?: Place): void {
    if (this.json) {
      // A token that was asked for is data; anywhere else it would be a leak.
      const line = toJsonLine(place ? { ...event, room: place.room, to: place.to } : event);
      this.#io.stdout.write(`${event.event === "token" ? line : this.redaction.apply(line)}\n`);
      return;
    }
    const line = describeEvent(event, this.paint, place?.label);
    if (line !== undefined && (!this.quiet || event.event === "warning")) this.#print(this.wrap(line, "  "));
  }

  /** What the command was run for. Never with `--json`, where events carry it. */
  data(text: string): void {
    if (!this.json) this.#io.stdout.write(`${text}\n`);
  }

  /** A line for a person. The caller escapes strangers' text. */
  status(line: string): void {
    if (!this.json && !this.quiet) this.#print(line);
  }

  /** A line for a person who asked for details. */
  detail(line: string): void {
    if (this.verbose) this.#print(this.paint("dim", escapeForTerminal(line)));
  }

  /** An error: what happened and what to do, on standard error always, and as an event with `--json`. */
  error(error: RoomtoneError): void {
    const { fix } = failures[error.code];
    if (this.json) this.event({ event: "error", code: error.code, message: error.message, fix });
    this.#print(this.wrap(`${this.paint("red", `error (${error.code}):`)} ${escapeForTerminal(error.message)}`, "  "));
    this.#print(this.paint("dim", this.wrap(`  fix: ${fix}`, "       ")));
    if (!this.verbose) return;
    for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
      for (const line of (cause.stack ?? cause.message).split("\n")) this.detail(`  ${line}`);
    }
    if (error.code === "internal") for (const line of (error.stack ?? "").split("\n").slice(1)) this.detail(line);
  }

  /** `text` broken at spaces where a person reads it, and as it is where a program may. */
  wrap(text: string, indent: string): string {
    const { isTTY, columns } = this.#io.stderr;
    return isTTY && columns ? wrap(text, Math.max(20, columns - 1), indent) : text;
  }

  /** From now on lines are printed above `block`, until the returned function is called. */
  attach(block: LiveBlock): () => void {
    this.#liveBlock = block;
    return () => {
      if (this.#liveBlock === block) this.#liveBlock = undefined;
    };
  }

  #print(line: string): void {
    const write = () => void this.#io.stderr.write(`${this.redaction.apply(line)}\n`);
    if (this.#liveBlock) this.#liveBlock.interrupt(write);
    else write();
  }
}
