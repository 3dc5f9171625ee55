import { ArrowDown } from "lucide-react";
import { memo, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useStore } from "../hooks/use-studio.js";
import type { ChatMessage } from "../state/chat.js";
import type { Stay } from "../state/stay.js";
import { MessageForm } from "./message-form.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
/** Nearer to the end than this, a reader is at the end. */
const END_PX = 40;

/** What is said in writing. It is gone when the room is left. */
export function ChatPanel({ stay }: { readonly stay: Stay }) {
  const { messages } = useStore(stay.chat);
  const log = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [behind, setBehind] = useState(false);
  const newest = messages.at(-1);
  useEffect(() => {
    stay.chat.watch(true);
    return () => stay.chat.watch(false);
  }, [stay]);
  const toEnd = () => log.current?.scrollTo({ top: log.current.scrollHeight });
  const goToEnd = () => {
    toEnd();
    // The button makes way.
    log.current?.focus({ preventScroll: true });
  };
  const noteScroll = () => {
    const { scrollHeight, scrollTop, clientHeight } = log.current ?? document.body;
    atEnd.current = scrollHeight - scrollTop - clientHeight < END_PX;
    if (atEnd.current) setBehind(false);
  };
  // Who reads further up stays there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each new message
  useLayoutEffect(() => {
    if (!newest) return;
    if (atEnd.current || newest.own) toEnd();
    else setBehind(true);
  }, [newest?.id]);
  return (
    <div className="chat">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard too */}
      <div ref={log} className="chat-log" role="log" aria-label="Messages" tabIndex={0} onScroll={noteScroll}>
        {messages.length === 0 && <p className="quiet">Nothing written yet. Messages go to everybody here, and are not kept.</p>}
        {messages.map((message) => (
          <Message key={message.id} message={message} />
        ))}
      </div>
      {behind && (
        <button type="button" className="button to-newest" onClick={goToEnd}>
          <ArrowDown size={16} aria-hidden="true" />
          New messages
        </button>
      )}
      <MessageForm stay={stay} />
    </div>
  );
}

const Message = memo(function Message({ message }: { readonly message: ChatMessage }) {
  const { from, own, text, atMs } = message;
  return (
    <div className="message" data-own={own || undefined}>
      <p className="message-head">
        <span className="message-from">{from}</span> <time dateTime={new Date(atMs).toISOString()}>{clock.format(atMs)}</time>
      </p>
      <p className="message-text">{text}</p>
    </div>
  );
});
