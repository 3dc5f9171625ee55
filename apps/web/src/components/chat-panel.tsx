import { toRoomtoneError } from "@roomtone/core";
import { SendHorizontal } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useStore } from "../hooks/use-studio.js";
import { MAX_MESSAGE_CHARS } from "../state/chat.js";
import type { Stay } from "../state/stay.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

/** What is said in writing. It is gone when the room is left. */
export function ChatPanel({ stay }: { readonly stay: Stay }) {
  const { messages } = useStore(stay.chat);
  const end = useRef<HTMLDivElement>(null);
  const lastId = messages.at(-1)?.id;
  useEffect(() => {
    stay.chat.watch(true);
    return () => stay.chat.watch(false);
  }, [stay]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new message is scrolled to
  useEffect(() => {
    // No value comes back from here: browsers return a promise, and React would call it as a clean-up.
    void end.current?.scrollIntoView({ block: "nearest" });
  }, [lastId]);
  return (
    <div className="chat">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard too */}
      <div className="chat-log" role="log" aria-label="Messages" tabIndex={0}>
        {messages.length === 0 && <p className="quiet">Nothing written yet. Messages go to everybody here, and are not kept.</p>}
        {messages.map(({ id, from, own, text, atMs }) => (
          <div key={id} className="message" data-own={own || undefined}>
            <p className="message-head">
              <span className="message-from">{from}</span> <time dateTime={new Date(atMs).toISOString()}>{clock.format(atMs)}</time>
            </p>
            <p className="message-text">{text}</p>
          </div>
        ))}
        <div ref={end} />
      </div>
      <MessageForm stay={stay} />
    </div>
  );
}

function MessageForm({ stay }: { readonly stay: Stay }) {
  const id = useId();
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  const send = async (event?: FormEvent) => {
    event?.preventDefault();
    if (text.trim() === "") return;
    try {
      await stay.say(text);
      setText("");
      setError("");
    } catch (failure) {
      setError(toRoomtoneError(failure).message);
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
        value={text}
        maxLength={MAX_MESSAGE_CHARS}
        placeholder="Message to everybody"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={sendOnEnter}
      />
      <button type="submit" className="icon-button" aria-label="Send">
        <SendHorizontal size={18} aria-hidden="true" />
      </button>
      {error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </form>
  );
}
