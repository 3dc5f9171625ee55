import { describeEnding, type Ending } from "../state/endings.js";

/** What happened, and what comes next. */
export function EndingSentences({ ending }: { readonly ending: Ending }) {
  const { title, sentence, next } = describeEnding(ending);
  return (
    <>
      <h1 tabIndex={-1}>{title}</h1>
      <p>{sentence}</p>
      <p className="ending-next">{next}</p>
    </>
  );
}
