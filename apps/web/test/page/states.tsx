import { createRoot } from "react-dom/client";
import { StudioPage } from "../../src/screens/studio-page.js";
import { Studio } from "../../src/state/studio.js";
import { ends } from "./states/ends.js";
import { room } from "./states/live.js";
import { lobby } from "./states/lobby.js";
import type { Scenes } from "./states/scene.js";
import "../../src/styles/studio.css";

/** Every state of the page, one at a time and without a server: `#NAME` in the address says which. */
const scenes: Scenes = {
  ...lobby,
  ...room,
  ...ends,
  broken: {
    before: (studio) => studio.set({ screen: "live" } as unknown as ReturnType<typeof studio.get>),
  },
};

async function show(name: string): Promise<void> {
  const scene = scenes[name];
  const place = document.getElementById("studio");
  if (!scene || !place) throw new Error(`there is no state ${name}`);
  const studio = new Studio(`?${scene.query ?? ""}`);
  await scene.before?.(studio);
  createRoot(place).render(<StudioPage studio={studio} />);
  await scene.after?.();
}

window.states = { names: Object.keys(scenes), show };

declare global {
  interface Window {
    states: {
      readonly names: readonly string[];
      /** Shows a state, and resolves when it stands still. */
      show(name: string): Promise<void>;
    };
  }
}
