import type { Meter } from "@roomtone/web-audio/meter";
import { useEffect, useState } from "react";

/** What the meter thinks that its owner should know. */
export function MicrophoneWarnings({ meter }: { readonly meter: Meter | undefined }) {
  const [text, setText] = useState("");
  useEffect(() => {
    if (!meter) return undefined;
    return meter.on(({ talkingWhileMuted, silent, clipping }) => {
      // A microphone that is silent while muted is no news.
      if (talkingWhileMuted) setText("You are talking, and muted.");
      else if (clipping) setText("Too loud: the microphone distorts.");
      else if (silent) setText("No sound comes from this microphone.");
      else setText("");
    });
  }, [meter]);
  return (
    <p className="channel-warning" role="status">
      {text}
    </p>
  );
}
