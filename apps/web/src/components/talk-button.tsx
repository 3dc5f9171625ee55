import { Mic, MicOff } from "lucide-react";
import { type MouseEvent, type PointerEvent, useRef } from "react";
import { PRESS_MS, TALK_BUTTON } from "../hooks/use-hold-to-talk.js";
import { useStore, useStudio } from "../hooks/use-studio.js";
import type { Stay } from "../state/stay.js";
import { describeTalk } from "../state/talk-state.js";

/** The large key: a press mutes and unmutes, holding it talks for as long. */
export function TalkButton({ stay }: { readonly stay: Stay }) {
  const state = useStore(stay);
  const { onAir } = describeTalk(state, useStore(useStudio().microphone));
  const muted = state.room.publications[0]?.muted ?? false;
  const heldSinceMs = useRef<number | undefined>(undefined);
  /** What the pointer did is done when it is let go of: its click, which may come or not, adds nothing. */
  const isDone = useRef(false);

  const press = (event: PointerEvent<HTMLButtonElement>) => {
    isDone.current = false;
    if (event.button !== 0 || !muted) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    // When it was pressed, not when this page came to it.
    heldSinceMs.current = event.timeStamp;
    void stay.hold(true);
  };
  const release = (event: PointerEvent<HTMLButtonElement>) => {
    if (heldSinceMs.current === undefined) return;
    // A hold that was ended meanwhile, by a window that went away or by a moderator, is over.
    const isPress = event.type === "pointerup" && stay.get().holding && event.timeStamp - heldSinceMs.current < PRESS_MS;
    heldSinceMs.current = undefined;
    isDone.current = true;
    void (isPress ? stay.setMuted(false) : stay.hold(false));
  };
  const click = (event: MouseEvent) => {
    const byKey = event.detail === 0;
    if (byKey || !isDone.current) void stay.setMuted(!stay.isMuted);
    isDone.current = false;
  };
  const silent = muted && !state.holding;
  const Icon = silent ? MicOff : Mic;
  return (
    <button
      type="button"
      className="talk-button"
      data-state={onAir ? "open" : "muted"}
      {...{ [TALK_BUTTON]: "" }}
      onPointerDown={press}
      onPointerUp={release}
      onPointerCancel={release}
      // Whatever takes the pointer away, the person is not on air unawares.
      onLostPointerCapture={release}
      onContextMenu={(event) => event.preventDefault()}
      onClick={click}
    >
      <Icon size={38} strokeWidth={1.75} aria-hidden="true" />
      <span>{silent ? "Unmute" : "Mute"}</span>
    </button>
  );
}
