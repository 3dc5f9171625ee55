import { useEffect, useState } from "react";
import { useMedia } from "./use-media.js";

/** Whether there is a keyboard, as far as a page can tell: where there is a mouse or a touchpad, and where a key was pressed. */
export function useKeyboard(): boolean {
  // Both: some phones say that they hover.
  const hasPointer = useMedia("(hover: hover) and (pointer: fine)");
  const [isPressed, setIsPressed] = useState(false);
  useEffect(() => {
    if (hasPointer || isPressed) return undefined;
    const note = ({ target }: KeyboardEvent) => {
      // The keys that a screen draws come with a field to type into.
      if (!(target instanceof Element && target.closest("input, textarea, [contenteditable]"))) setIsPressed(true);
    };
    document.addEventListener("keydown", note);
    return () => document.removeEventListener("keydown", note);
  }, [hasPointer, isPressed]);
  return hasPointer || isPressed;
}
