import { Volume2 } from "lucide-react";
import { useStore, useStudio } from "../hooks/use-studio.js";
import { describeHealth } from "../state/health.js";
import type { Stay } from "../state/stay.js";
import { Notice } from "./notice.js";

/** What a person should know now, above everything else. */
export function LiveNotices({ stay }: { readonly stay: Stay }) {
  const microphone = useStore(useStudio().microphone);
  const state = useStore(stay);
  const recording = useStore(stay.recording);
  const health = describeHealth(state, microphone);
  return (
    <div className="notices">
      {health.tone === "bad" && (
        <Notice tone="trouble" title={health.title}>
          {health.sentence}
        </Notice>
      )}
      {state.playbackBlocked && (
        <Notice
          tone="warning"
          title="The browser waits for a click before it plays sound"
          action={
            <button type="button" className="button primary" onClick={() => void stay.resumePlayback()}>
              <Volume2 size={18} aria-hidden="true" />
              Listen
            </button>
          }
        >
          One is enough, for as long as you are here.
        </Notice>
      )}
      {state.notice && health.tone !== "bad" && <Notice tone="info">{state.notice}</Notice>}
      {recording.notice && <Notice tone={recording.error ? "warning" : "info"}>{recording.notice}</Notice>}
    </div>
  );
}
