import { Volume2 } from "lucide-react";
import { useEffect } from "react";
import { useKeptFocus } from "../hooks/use-kept-focus.js";
import { useStore, useStudio } from "../hooks/use-studio.js";
import { describeHealth } from "../state/health.js";
import type { Stay } from "../state/stay.js";
import { Notice } from "./notice.js";

/** News is read, and goes: what it tells of is over. */
const NEWS_MS = 15_000;

/** What a person should know now, above everything else. */
export function LiveNotices({ stay }: { readonly stay: Stay }) {
  const microphone = useStore(useStudio().microphone);
  const state = useStore(stay);
  const recording = useStore(stay.recording);
  const health = describeHealth(state, microphone);
  const place = useKeptFocus<HTMLDivElement>();
  useForgotten(state.notice, () => stay.change({ notice: "" }));
  useForgotten(recording.error ? "" : recording.notice, () => stay.recording.change({ notice: "" }));
  return (
    <div ref={place} className="notices">
      {health.tone === "bad" && (
        <Notice tone="trouble" title={health.title}>
          {health.sentence}
        </Notice>
      )}
      {/* There before its news is: what comes together with its place is told by few screen readers. */}
      <div className="news" role="status" aria-atomic="false">
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
    </div>
  );
}

/** Calls `forget` when `news` has stood for as long as it takes to read. */
function useForgotten(news: string, forget: () => void): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: its time begins with the news alone
  useEffect(() => {
    if (!news) return undefined;
    const timer = setTimeout(forget, NEWS_MS);
    return () => clearTimeout(timer);
  }, [news]);
}
