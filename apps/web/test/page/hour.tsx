import { createRoot } from "react-dom/client";
import { HealthPanel } from "../../src/components/health-panel.js";
import { StudioProvider } from "../../src/hooks/use-studio.js";
import { Stay } from "../../src/state/stay.js";
import { Studio } from "../../src/state/studio.js";

/** The health panel alone, and hours of figures for it at once. */
const stay = new Stay();
const place = document.getElementById("studio");
if (!place) throw new Error("the page has no place for the studio");
createRoot(place).render(
  <StudioProvider value={new Studio("")}>
    <HealthPanel stay={stay} />
  </StudioProvider>,
);

let seconds = 0;
window.feedSeconds = async (count) => {
  for (let index = 0; index < count; index += 1) {
    seconds += 1;
    const sample = {
      ...{ bytesSent: seconds * 4_000, packetsSent: seconds * 50 },
      ...{ jitterMs: seconds % 9, roundTripMs: 20 + (seconds % 40) },
    };
    stay.network.add({ timestampMs: seconds * 1_000, fractionLost: (seconds % 20) / 200, ...sample }, seconds * 1_000);
    // Each figure is drawn, as it is when they come a second apart.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return stay.network.get().length;
};

declare global {
  interface Window {
    feedSeconds: (count: number) => Promise<number>;
  }
}
