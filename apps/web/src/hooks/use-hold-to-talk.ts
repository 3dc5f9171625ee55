import { useEffect } from "react";
import type { Stay } from "../state/stay.js";

/** Held shorter, the key on the talk button is a press: it unmutes and stays so. */
export const PRESS_MS = 300;
/** Marks the button on which the space bar talks too. */
export const TALK_BUTTON = "data-talk-button";

/** The space bar talks for as long as it is held, wherever it has nothing else to do. */
export function useHoldToTalk(stay: Stay): void {
  useEffect(() => {
    let heldSinceMs: number | undefined;
    let onButton = false;
    const press = (event: KeyboardEvent) => {
      if (event.code !== "Space" || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
      if (heldSinceMs !== undefined) return event.preventDefault();
      const target = event.target instanceof Element ? event.target : null;
      if (event.repeat || takesSpace(target) || !stay.isMuted) return;
      event.preventDefault();
      heldSinceMs = event.timeStamp;
      onButton = target?.closest(`[${TALK_BUTTON}]`) !== null;
      void stay.hold(true);
    };
    const release = (event?: KeyboardEvent) => {
      if (heldSinceMs === undefined || (event && event.code !== "Space")) return;
      event?.preventDefault();
      const pressed = event !== undefined && onButton && event.timeStamp - heldSinceMs < PRESS_MS;
      heldSinceMs = undefined;
      void (pressed ? stay.setMuted(false) : stay.hold(false));
    };
    const letGo = () => release();
    document.addEventListener("keydown", press);
    document.addEventListener("keyup", release);
    window.addEventListener("blur", letGo);
    document.addEventListener("visibilitychange", letGo);
    return () => {
      document.removeEventListener("keydown", press);
      document.removeEventListener("keyup", release);
      window.removeEventListener("blur", letGo);
      document.removeEventListener("visibilitychange", letGo);
    };
  }, [stay]);
}

/** Whether the space bar means something to `element`. A button that was clicked keeps the focus without asking for keys. */
function takesSpace(element: Element | null): boolean {
  if (!element || element.closest(`[${TALK_BUTTON}]`)) return false;
  if (element.closest("input, textarea, select, [contenteditable], [role=slider], [role=dialog]")) return true;
  return element.closest("button, a, summary, [role=tab], [role=switch]")?.matches(":focus-visible") ?? false;
}
