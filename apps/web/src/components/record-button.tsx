import { Circle, Square } from "lucide-react";
import { useStore, useStudio } from "../hooks/use-studio.js";
import type { Stay } from "../state/stay.js";
import { Clock } from "./clock.js";

/** Records the room, or what one's own microphone hears. */
export function RecordButton({ stay }: { readonly stay: Stay }) {
  const { status, subject, startedAtMs } = useStore(stay.recording);
  const { microphone } = useStore(useStudio().microphone);
  const { speaking } = useStore(stay);
  if (status === "recording") {
    return (
      <button type="button" className="button recording" onClick={() => void stay.recording.stop()}>
        <Square size={14} fill="currentColor" aria-hidden="true" />
        <span className="wide-label">Stop recording {subject === "room" ? "" : "me "}</span>
        <Clock sinceMs={startedAtMs} />
      </button>
    );
  }
  const busy = status !== "idle";
  return (
    <fieldset className="record" aria-label="Record">
      <button type="button" className="button" disabled={busy} onClick={() => void stay.record("room")}>
        <Circle size={14} fill="currentColor" className="record-dot" aria-hidden="true" />
        {status === "saving" ? "Saving…" : "Record room"}
      </button>
      {microphone && speaking !== "no" && (
        <button type="button" className="button" disabled={busy} onClick={() => void stay.record("microphone")}>
          <span>
            <span className="wide-label">Record </span>me
          </span>
        </button>
      )}
    </fieldset>
  );
}
