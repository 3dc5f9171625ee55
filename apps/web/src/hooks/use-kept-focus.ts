import { type RefObject, useLayoutEffect, useRef } from "react";

/** What a keyboard reaches. */
const CONTROLS = "button, select, input, textarea, [role=slider]";

/**
 * For a place whose controls come and go: where the one that had the focus makes way, the focus goes to the first one there now, or else
 * to the screen's heading. Browsers would leave it on nothing.
 */
export function useKeptFocus<Place extends HTMLElement>(): RefObject<Place | null> {
  const place = useRef<Place>(null);
  // Before React changes the page.
  const had = place.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (!had || document.activeElement !== document.body) return;
    (place.current?.querySelector<HTMLElement>(CONTROLS) ?? document.querySelector<HTMLElement>("h1"))?.focus();
  });
  return place;
}
