import { useEffect } from "react";
import type { Stay } from "../state/stay.js";

/** Held shorter, the key on the talk button is a press: it unmutes and stays so. */
export const PRESS_MS = 300;
/** Marks the button on which the space bar talks too. */
export const TALK_BUTTON = "data-talk-button";
const CONTROLS = "button, a, summary, [role=tab], [role=switch]";

/** The space bar talks for as long as it is held, wherever it has nothing else to do. */
export function useHoldToTalk(stay: Stay): void {
  useEffect(() => {
    let heldSinceMs: number | undefined;
    let onButton = false;
    /** What was clicked last, for as long as it keeps the focus. */
    let clicked: Element | null = null;
    const noteClick = ({ target }: Event) => {
      clicked = controlAt(target);
    };
    const noteFocus = ({ target }: Event) => {
      if (controlAt(target) !== clicked) clicked = null;
    };
    const press = (event: KeyboardEvent) => {
      if (event.code !== "Space" || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
      if (heldSinceMs !== undefined) return event.preventDefault();
      const target = event.target instanceof Element ? event.target : null;
      if (event.repeat || takesSpace(target, clicked) || !stay.isMuted) return;
      event.preventDefault();
      heldSinceMs = event.timeStamp;
      onButton = target?.closest(`[${TALK_BUTTON}]`) !== null;
      void stay.hold(true);
    };
    const release = (event: KeyboardEvent) => {
      if (heldSinceMs === undefined || event.code !== "Space") return;
      event.preventDefault();
      const pressed = onButton && event.timeStamp - heldSinceMs < PRESS_MS;
      heldSinceMs = undefined;
      void (pressed ? stay.setMuted(false) : stay.hold(false));
    };
    // Nobody tells a page of a key, or of a button of the mouse, that is let go of elsewhere.
    const letGo = () => {
      heldSinceMs = undefined;
      void stay.hold(false);
    };
    document.addEventListener("pointerdown", noteClick, { capture: true });
    document.addEventListener("focusin", noteFocus);
    document.addEventListener("keydown", press);
    // Before anything on the way that keeps keys to itself.
    document.addEventListener("keyup", release, { capture: true });
    window.addEventListener("blur", letGo);
    document.addEventListener("visibilitychange", letGo);
    return () => {
      document.removeEventListener("pointerdown", noteClick, { capture: true });
      document.removeEventListener("focusin", noteFocus);
      document.removeEventListener("keydown", press);
      document.removeEventListener("keyup", release, { capture: true });
      window.removeEventListener("blur", letGo);
      document.removeEventListener("visibilitychange", letGo);
    };
  }, [stay]);
}

/**
 * Whether the space bar means something to `element`. A button that was clicked keeps the focus without asking for keys; `:focus-visible`
 * does not tell, as any key makes it match.
 */
function takesSpace(element: Element | null, clicked: Element | null): boolean {
  if (!element || element.closest(`[${TALK_BUTTON}]`)) return false;
  if (element.closest("input, textarea, select, [contenteditable], [role=slider], [role=dialog]")) return true;
  const control = controlAt(element);
  return control !== null && control !== clicked;
}

function controlAt(target: EventTarget | null): Element | null {
  return target instanceof Element ? target.closest(CONTROLS) : null;
}
