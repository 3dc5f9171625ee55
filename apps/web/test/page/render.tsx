import type { ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { StudioProvider } from "../../src/hooks/use-studio.js";
import { Studio } from "../../src/state/studio.js";

/** Renders a part of the studio alone, in the place that `built-page.ts` has for it. */
export function renderAlone(part: ReactNode): void {
  const place = document.getElementById("studio");
  if (!place) throw new Error("the page has no place for the studio");
  createRoot(place).render(<StudioProvider value={new Studio("")}>{part}</StudioProvider>);
}
