/** Quietest level that a meter shows. */
const FLOOR_DB = -60;
const PEAK_HOLD_MS = 1_500;
/** Assistive technology is told of levels this often at most. */
const TELL_INTERVAL_MS = 1_000;

/** A bar that shows a level, with a mark that holds the last peak. */
export class LevelMeter {
  readonly element: HTMLElement;
  #peakDb = FLOOR_DB;
  #peakAtMs = 0;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(label: string) {
    this.element = document.createElement("div");
    this.element.className = "meter";
    this.element.setAttribute("role", "meter");
    this.element.setAttribute("aria-label", `Level of ${label}`);
    this.element.setAttribute("aria-valuemin", String(FLOOR_DB));
    this.element.setAttribute("aria-valuemax", "0");
    for (const part of ["meter-fill", "meter-peak"]) {
      const element = document.createElement("div");
      element.className = part;
      this.element.append(element);
    }
    this.show(0, 0);
  }

  /** `amplitude` in 0 to 1 of full scale. */
  show(amplitude: number, nowMs: number): void {
    const levelDb = amplitude > 0 ? Math.min(0, Math.max(FLOOR_DB, 20 * Math.log10(amplitude))) : FLOOR_DB;
    if (levelDb >= this.#peakDb || nowMs - this.#peakAtMs > PEAK_HOLD_MS) {
      this.#peakDb = levelDb;
      this.#peakAtMs = nowMs;
    }
    this.element.style.setProperty("--level", String(1 - levelDb / FLOOR_DB));
    this.element.style.setProperty("--peak", String(1 - this.#peakDb / FLOOR_DB));
    if (nowMs - this.#toldAtMs < TELL_INTERVAL_MS) return;
    this.#toldAtMs = nowMs;
    this.element.setAttribute("aria-valuenow", String(Math.round(levelDb)));
    this.element.setAttribute("aria-valuetext", levelDb === FLOOR_DB ? "silent" : `${Math.round(levelDb)} decibels`);
  }
}
