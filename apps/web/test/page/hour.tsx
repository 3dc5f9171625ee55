import { HealthPanel } from "../../src/components/health-panel.js";
import { Stay } from "../../src/state/stay.js";
import { renderAlone } from "./render.js";

/** The health panel alone, and hours of figures for it at once. */
const stay = new Stay();
renderAlone(<HealthPanel stay={stay} />);

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
