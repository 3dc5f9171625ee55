import type { OutputStream } from "../io.js";
import type { LiveBlock } from "../output/output.js";
import { displayWidth } from "./width.js";

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
/** Terminals that know it show everything between the two at once; the others ignore it. */
const BEGIN_UPDATE = "\x1b[?2026h";
const END_UPDATE = "\x1b[?2026l";
const ERASE_TO_END_OF_LINE = "\x1b[K";
const ERASE_BELOW = "\x1b[J";
/** A line that is a little too long after a resize is cut by the terminal instead of wrapped, which would break the count of lines. */
const WRAP_OFF = "\x1b[?7l";
const WRAP_ON = "\x1b[?7h";

/** A block of lines at the end of a terminal that is redrawn in place. */
export class TerminalBlock implements LiveBlock {
  readonly #stream: OutputStream;
  #lines: readonly string[] = [];
  #drawnWidths: readonly number[] = [];
  #drawnColumns = 0;
  #shown = false;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  /** Columns that a line may take. One is left free: some terminals wrap when the last one is written. */
  get columns(): number {
    return Math.max(10, (this.#stream.columns ?? 80) - 1);
  }

  /** Shows `lines`, each no wider than `columns`, in place of what was shown before. The same lines again write nothing. */
  draw(lines: readonly string[]): void {
    const same = lines.length === this.#lines.length && lines.every((line, index) => line === this.#lines[index]);
    if (this.#shown && same && this.#drawnColumns === this.columns) return;
    this.#drawnColumns = this.columns;
    this.#lines = lines;
    this.#shown = true;
    const body = lines.map((line) => `${line}${ERASE_TO_END_OF_LINE}\n`).join("");
    this.#stream.write(`${BEGIN_UPDATE}${HIDE_CURSOR}${WRAP_OFF}${this.#home()}${body}${ERASE_BELOW}${WRAP_ON}${END_UPDATE}`);
    this.#drawnWidths = lines.map(displayWidth);
  }

  interrupt(print: () => void): void {
    const wasShown = this.#shown;
    this.erase();
    print();
    if (wasShown) this.draw(this.#lines);
  }

  /** Takes the block away and gives the cursor back. Idempotent, synchronous: it also runs when the process ends. */
  erase(): void {
    if (!this.#shown) return;
    this.#stream.write(`${this.#home()}${ERASE_BELOW}${WRAP_ON}${SHOW_CURSOR}`);
    this.#shown = false;
    this.#drawnWidths = [];
  }

  /** Leaves what is drawn where it is, gives the cursor back, and draws below next time: before the shell prints its own. */
  release(): void {
    if (!this.#shown) return;
    this.#stream.write(`${WRAP_ON}${SHOW_CURSOR}`);
    this.#shown = false;
    this.#drawnWidths = [];
  }

  /** Back to where the block begins. A terminal that became narrower since has wrapped the lines, so they are counted anew. */
  #home(): string {
    const columns = this.#stream.columns ?? 80;
    const rows = this.#drawnWidths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    return rows > 0 ? `\x1b[${rows}A\r` : "\r";
  }
}
