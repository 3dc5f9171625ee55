import { Brand } from "../components/brand.js";
import { EndingSentences } from "../components/ending-sentences.js";
import { ThemeSwitch } from "../components/theme-switch.js";
import { useStudio } from "../hooks/use-studio.js";
import { describeEnding, type Ending } from "../state/endings.js";

interface EndedProps {
  readonly ending: Ending;
  readonly roomName: string;
}

/** Why it is over, and what comes next. */
export function Ended({ ending, roomName }: EndedProps) {
  const studio = useStudio();
  const { title, again } = describeEnding(ending);
  return (
    <div className="centre">
      <title>{`${title.charAt(0).toUpperCase()}${title.slice(1)} · Roomtone`}</title>
      <header className="bar">
        <Brand />
        <ThemeSwitch />
      </header>
      <main className="card ending">
        {roomName && <p className="eyebrow">{roomName}</p>}
        <EndingSentences ending={ending} />
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
