import { Brand } from "../components/brand.js";
import { useStore, useStudio } from "../hooks/use-studio.js";

export function Joining({ roomName }: { readonly roomName: string }) {
  const studio = useStudio();
  const { status } = useStore(studio.microphone);
  return (
    <div className="centre">
      <header className="bar">
        <Brand />
      </header>
      <main className="card ending">
        <h1 tabIndex={-1}>{roomName ? `Joining ${roomName}` : "Joining"}</h1>
        <p role="status">{status === "opening" ? "The browser asks whether this page may use the microphone." : "One moment."}</p>
        <div className="tone-line" aria-hidden="true" />
        <button type="button" className="button" onClick={() => studio.leave()}>
          Cancel
        </button>
      </main>
    </div>
  );
}
