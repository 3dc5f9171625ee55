import { Brand } from "../components/brand.js";
import { ThemeSwitch } from "../components/theme-switch.js";
import { useStudio } from "../hooks/use-studio.js";
import { describeEnding } from "../state/endings.js";
import type { Ending } from "../state/studio.js";

interface EndedProps {
  readonly ending: Ending;
  readonly roomName: string;
}

/** Why it is over, and what comes next. */
export function Ended({ ending, roomName }: EndedProps) {
  const studio = useStudio();
  const { title, sentence, next, again } = describeEnding(ending);
  return (
    <div className="centre">
      <title>{`${title} · Roomtone`}</title>
      <header className="bar">
        <Brand />
        <ThemeSwitch />
      </header>
      <main className="card ending">
        {roomName && <p className="eyebrow">{roomName}</p>}
        <h1 tabIndex={-1}>{title}</h1>
        <p>{sentence}</p>
        <p className="ending-next">{next}</p>
        <div className="ending-actions">
          <button type="button" className="button primary" onClick={() => studio.rejoin()}>
            {again}
          </button>
          <button type="button" className="button" onClick={() => studio.toLobby()}>
            Back to the lobby
          </button>
        </div>
      </main>
    </div>
  );
}
