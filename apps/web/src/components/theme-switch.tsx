import { Monitor, Moon, Sun } from "lucide-react";
import { useStore, useStudio } from "../hooks/use-studio.js";
import type { Theme } from "../state/memory.js";

const order: readonly Theme[] = ["system", "light", "dark"];
const icons = { system: Monitor, light: Sun, dark: Moon } as const;

/** Goes round the system's theme, light and dark. */
export function ThemeSwitch() {
  const { memory } = useStudio();
  const { theme } = useStore(memory);
  const Icon = icons[theme];
  const next = order[(order.indexOf(theme) + 1) % order.length] ?? "system";
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Theme: ${theme}. Change to ${next}`}
      title={`Theme: ${theme}`}
      onClick={() => memory.change({ theme: next })}
    >
      <Icon size={18} aria-hidden="true" />
    </button>
  );
}
