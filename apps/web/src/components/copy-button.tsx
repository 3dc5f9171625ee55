import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";

interface CopyButtonProps {
  readonly label: string;
  /** Asked for when it is copied. */
  readonly text: () => string;
}

const SHOWN_MS = 4_000;

export function CopyButton({ label, text }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<"" | "copied" | "failed">("");
  useEffect(() => {
    if (!outcome) return undefined;
    const timer = setTimeout(() => setOutcome(""), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      setOutcome("copied");
    } catch {
      setOutcome("failed");
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
        {outcome === "copied" ? "Copied." : outcome === "failed" ? "The browser does not let this page copy: select the text instead." : ""}
      </span>
    </span>
  );
}
