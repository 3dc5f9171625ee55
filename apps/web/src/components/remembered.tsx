import { useState } from "react";
import { useStudio } from "../hooks/use-studio.js";

/** Says what this browser keeps, and clears it. */
export function Remembered({ onForget }: { readonly onForget: () => void }) {
  const { memory } = useStudio();
  const [forgotten, setForgotten] = useState(false);
  const forget = () => {
    memory.forget();
    setForgotten(true);
    onForget();
  };
  return (
    <p className="remembered">
      <span role="status">
        {forgotten
          ? "Forgotten. Joining remembers anew."
          : "This browser remembers your name, room, microphone and theme. Tokens are never kept."}
      </span>{" "}
      <button type="button" className="link-button" onClick={forget}>
        Forget
      </button>
    </p>
  );
}
