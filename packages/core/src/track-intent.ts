import type { RoomtoneError } from "./errors.js";
import type { DesiredTrack } from "./track-step.js";

/** What is desired of a publication, what of it was live last, and what the driver refused. */
export class TrackIntent {
  #desired: DesiredTrack;
  #good: Pick<DesiredTrack, "capture" | "opus"> | undefined;
  /** Captures and settings, for whoever asked for them. */
  readonly #refused = new WeakMap<object, RoomtoneError>();

  constructor(desired: DesiredTrack) {
    this.#desired = desired;
  }

  get desired(): DesiredTrack {
    return this.#desired;
  }

  /** Whether it was ever live. */
  get wasLive(): boolean {
    return this.#good !== undefined;
  }

  change(part: Partial<DesiredTrack>): void {
    this.#desired = { ...this.#desired, ...part };
  }

  /** These are live now: where a change of them is refused, they come back. */
  proved({ capture, opus }: Pick<DesiredTrack, "capture" | "opus">): void {
    this.#good = { capture, opus };
  }

  /** Whether `tried` differs from what was live last. */
  isChange(tried: DesiredTrack): boolean {
    return this.#good !== undefined && (tried.capture !== this.#good.capture || tried.opus !== this.#good.opus);
  }

  /** Undoes the changes of `tried` that were refused, unless something else was asked for since. */
  goBack(tried: DesiredTrack, error: RoomtoneError): void {
    const { capture, opus } = this.#good ?? tried;
    if (tried.capture !== capture) this.#refused.set(tried.capture, error);
    if (tried.opus !== opus) this.#refused.set(tried.opus, error);
    if (this.#desired.capture === tried.capture) this.change({ capture });
    if (this.#desired.opus === tried.opus) this.change({ opus });
  }

  /** Why `what` was refused, once. */
  takeRefusal(what: object): RoomtoneError | undefined {
    const error = this.#refused.get(what);
    this.#refused.delete(what);
    return error;
  }
}
