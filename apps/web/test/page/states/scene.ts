import type { Studio } from "../../../src/state/studio.js";

/** One state of the page, made without a server. */
export interface Scene {
  /** Of the page's address, for the studio. */
  readonly query?: string;
  /** Before anything is shown. */
  readonly before?: (studio: Studio) => unknown;
  /** When the screen is there: what a person would do on it. */
  readonly after?: () => unknown;
}

export type Scenes = Readonly<Record<string, Scene>>;

/** Waits until `find` finds something: what it waits for comes with the next drawing, or with a part that loads. */
export async function appearing<Found>(find: () => Found | null | undefined): Promise<Found> {
  for (;;) {
    const found = find();
    if (found) return found;
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

/** Presses what is called `name`. */
export async function press(name: string): Promise<void> {
  const controls = "button, summary, [role=tab]";
  const matches = (element: HTMLElement) => (element.getAttribute("aria-label") ?? element.textContent ?? "").trim().startsWith(name);
  const control = await appearing(() => [...document.querySelectorAll<HTMLElement>(controls)].find(matches));
  control.click();
}

/** Writes into the field that `selector` finds, as a keyboard would. */
export async function write(selector: string, text: string): Promise<void> {
  const field = await appearing(() => document.querySelector<HTMLInputElement | HTMLTextAreaElement>(selector));
  // Past React's own setter, which would take the change for one that it made.
  const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
  Object.getOwnPropertyDescriptor(kind.prototype, "value")?.set?.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
