import { toRoomtoneError } from "@roomtone/core";
import { SendHorizontal } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useId, useRef, useState } from "react";
import { MAX_MESSAGE_CHARS } from "../state/chat.js";
import type { Stay } from "../state/stay.js";

/** What is not sent stays in the field. */
export function MessageForm({ stay }: { readonly stay: Stay }) {
  const id = useId();
  const [text, setText] = useState(stay.chat.draft);
  const [error, setError] = useState("");
  const sending = useRef(false);
  const write = (draft: string) => {
    stay.chat.draft = draft;
    setText(draft);
  };
  const send = async (event?: FormEvent) => {
    event?.preventDefault();
    const { length } = text.trim();
    if (length === 0 || sending.current) return;
    if (length > MAX_MESSAGE_CHARS) {
      setError(`A message holds ${MAX_MESSAGE_CHARS} characters, and this one has ${length}: send it in parts.`);
      return;
    }
    sending.current = true;
    try {
      await stay.say(text);
      // What was written meanwhile is the next message.
      if (stay.chat.draft === text) write("");
      setError("");
    } catch (failure) {
      setError(toRoomtoneError(failure).message);
    } finally {
      sending.current = false;
    }
  };
  const sendOnEnter = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };
  return (
    <form className="message-form" onSubmit={(event) => void send(event)}>
      <label className="visually-hidden" htmlFor={id}>
        Message to everybody
      </label>
      <textarea
        id={id}
        rows={1}
        dir="auto"
        value={text}
        placeholder="Message to everybody"
        aria-invalid={error !== ""}
        aria-describedby={error ? `${id}-below` : undefined}
        onChange={(event) => write(event.target.value)}
        onKeyDown={sendOnEnter}
      />
      <button type="submit" className="icon-button" aria-label="Send">
        <SendHorizontal size={18} aria-hidden="true" />
      </button>
      {error && (
        <p id={`${id}-below`} className="field-error" role="alert">
          {error}
        </p>
      )}
    </form>
  );
}
