import { useEffect, useState } from "react";
import { Brand } from "../components/brand.js";
import { useStore, useStudio } from "../hooks/use-studio.js";
import type { Stay } from "../state/stay.js";

/** Longer than it takes on most lines. */
const SLOW_MS = 6_000;

interface JoiningProps {
  readonly roomName: string;
  readonly stay: Stay;
}

export function Joining({ roomName, stay }: JoiningProps) {
  const studio = useStudio();
  const { status } = useStore(studio.microphone);
  const { notice } = useStore(stay);
  const asking = status === "opening";
  const slow = useSlow(asking);
  return (
    <div className="centre">
      <header className="bar">
        <Brand />
      </header>
      <main className="card ending">
        <h1 tabIndex={-1}>{roomName ? `Joining ${roomName}` : "Joining"}</h1>
        <p role="status">
          {asking
            ? slow
              ? "The browser still asks whether this page may use the microphone: answer it beside the address, or cancel and only listen."
              : "The browser asks whether this page may use the microphone."
            : notice || (slow ? "Still at it: the line or the server is slow. You can wait, or cancel." : "One moment.")}
        </p>
        <div className="tone-line" aria-hidden="true" />
        <button type="button" className="button" onClick={() => studio.leave()}>
          Cancel
        </button>
      </main>
    </div>
  );
}

/** Whether it has gone on for long; a new `step` begins anew. */
function useSlow(step: boolean): boolean {
  const [slowStep, setSlowStep] = useState<boolean>();
  useEffect(() => {
    const timer = setTimeout(() => setSlowStep(step), SLOW_MS);
    return () => clearTimeout(timer);
  }, [step]);
  return slowStep === step;
}
