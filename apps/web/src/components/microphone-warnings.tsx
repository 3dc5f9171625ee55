import type { Meter, MeterReading } from "@roomtone/web-audio/meter";
import { useEffect, useState } from "react";

/** Speech comes in bursts: without it a screen reader would be told of each. */
const STAY_MS = 4_000;

function warningOf({ talkingWhileMuted, silent, clipping }: MeterReading): string {
  if (talkingWhileMuted) return "You are talking, and muted.";
  if (clipping) return "Too loud: move back, or turn the microphone down.";
  return silent ? "No sound comes from this microphone. Is it switched on?" : "";
}

/** What the meter thinks that its owner should know. */
export function MicrophoneWarnings({ meter }: { readonly meter: Meter | undefined }) {
  const [text, setText] = useState("");
  useEffect(() => {
    setText("");
    if (!meter) return undefined;
    let seenAtMs = 0;
    return meter.on((reading) => {
      const warning = warningOf(reading);
      const nowMs = performance.now();
      if (warning) seenAtMs = nowMs;
      else if (nowMs - seenAtMs < STAY_MS) return;
      setText(warning);
    });
  }, [meter]);
  return (
    <p className="channel-warning" role="status">
      {text}
    </p>
  );
}
