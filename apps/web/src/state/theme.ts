import type { MemoryStore } from "./memory.js";

/** Keeps `root` in the theme that the person chose; without a choice it is the system's. */
export function followTheme(memory: MemoryStore, root: HTMLElement): void {
  const show = () => {
    const { theme } = memory.get();
    if (theme === "system") delete root.dataset["theme"];
    else root.dataset["theme"] = theme;
  };
  show();
  memory.subscribe(show);
}
