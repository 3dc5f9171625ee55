import { Circle, Square } from "lucide-react";
import { useKeptFocus } from "../hooks/use-kept-focus.js";
import { useStore, useStudio } from "../hooks/use-studio.js";
import type { Stay } from "../state/stay.js";
import { Clock } from "./clock.js";

/** Records the room, or what one's own microphone hears. */
export function RecordButton({ stay }: { readonly stay: Stay }) {
  const place = useKeptFocus<HTMLDivElement>();
  const { status } = useStore(stay.recording);
  return (
    <div ref={place} className="record-place">
      {status === "recording" ? <StopButton stay={stay} /> : <StartButtons stay={stay} />}
    </div>
  );
}

function StopButton({ stay }: { readonly stay: Stay }) {
  const { subject, startedAtMs } = useStore(stay.recording);
  return (
    <button type="button" className="button recording" onClick={() => void stay.recording.stop()}>
      <Square size={14} fill="currentColor" aria-hidden="true" />
      <span>
        Stop<span className="wide-label"> recording {subject === "room" ? "" : "me "}</span>
      </span>
      <Clock sinceMs={startedAtMs} />
    </button>
  );
}

function StartButtons({ stay }: { readonly stay: Stay }) {
  const { status } = useStore(stay.recording);
  const { microphone } = useStore(useStudio().microphone);
  const { speaking } = useStore(stay);
  // Without `disabled`, which would take the focus away.
  const busy = status !== "idle";
  return (
    <fieldset className="record" aria-label="Record">
      <button type="button" className="button" aria-disabled={busy} onClick={() => void stay.record("room")}>
        <Circle size={14} fill="currentColor" className="record-dot" aria-hidden="true" />
        {status === "saving" ? "Saving…" : "Record room"}
      </button>
      {microphone && speaking !== "no" && (
        <button type="button" className="button" aria-disabled={busy} onClick={() => void stay.record("microphone")}>
          <span>
            <span className="wide-label">Record </span>me
          </span>
        </button>
      )}
    </fieldset>
  );
}
