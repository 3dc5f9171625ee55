import { Brand } from "../components/brand.js";
import { useStore, useStudio } from "../hooks/use-studio.js";
import { MICROPHONE_ASKED } from "../state/microphone-advice.js";

export function Joining({ roomName }: { readonly roomName: string }) {
  const studio = useStudio();
  const { status } = useStore(studio.microphone);
  const words = roomName ? `Joining ${roomName}` : "Joining";
  return (
    <div className="centre">
      <title>{`${words} · Roomtone`}</title>
      <header className="bar">
        <Brand />
      </header>
      <main className="card ending">
        <h1 tabIndex={-1}>{words}</h1>
        <p role="status">{status === "opening" ? MICROPHONE_ASKED : "One moment."}</p>
        <div className="tone-line" aria-hidden="true" />
        <button type="button" className="button" onClick={() => studio.leave()}>
          Cancel
        </button>
      </main>
    </div>
  );
}
