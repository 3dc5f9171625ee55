import { Check, Copy } from "lucide-react";
import { type FocusEvent, useEffect, useState } from "react";

interface CopyButtonProps {
  readonly label: string;
  /** Asked for when it is copied. */
  readonly text: () => string;
}

const SHOWN_MS = 4_000;

export function CopyButton({ label, text }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<"" | "copied">("");
  const [uncopied, setUncopied] = useState<string>();
  useEffect(() => {
    if (!outcome) return undefined;
    const timer = setTimeout(() => setOutcome(""), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    const wanted = text();
    try {
      await navigator.clipboard.writeText(wanted);
      setUncopied(undefined);
      setOutcome("copied");
    } catch {
      // An insecure origin has no clipboard, and a browser may refuse it.
      setUncopied(wanted);
    }
  };
  const Icon = outcome === "copied" ? Check : Copy;
  return (
    <span className="copy">
      <button type="button" className="button" onClick={() => void copy()}>
        <Icon size={16} aria-hidden="true" />
        {label}
      </button>
      <span className="quiet" role="status">
        {outcome === "copied" ? "Copied." : uncopied === undefined ? "" : "The browser does not let this page copy. Here is the text:"}
      </span>
      {uncopied !== undefined && (
        <span className="field uncopied">
          <textarea aria-label={`${label}: the text`} readOnly rows={4} value={uncopied} onFocus={selectAll} />
        </span>
      )}
    </span>
  );
}

function selectAll(event: FocusEvent<HTMLTextAreaElement>): void {
  event.target.select();
}
