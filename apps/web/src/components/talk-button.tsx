import { Mic, MicOff } from "lucide-react";
import { type PointerEvent, useRef } from "react";
import { PRESS_MS, TALK_BUTTON } from "../hooks/use-hold-to-talk.js";
import { useStore } from "../hooks/use-studio.js";
import type { Stay } from "../state/stay.js";

/** The large key: a press mutes and unmutes, holding it talks for as long. */
export function TalkButton({ stay }: { readonly stay: Stay }) {
  const { room, holding } = useStore(stay);
  const muted = room.publications[0]?.muted ?? false;
  const heldSinceMs = useRef<number | undefined>(undefined);
  const wasHeld = useRef(false);

  const press = (event: PointerEvent<HTMLButtonElement>) => {
    wasHeld.current = false;
    if (event.button !== 0 || !muted) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    // When it was pressed, not when this page came to it.
    heldSinceMs.current = event.timeStamp;
    void stay.hold(true);
  };
  const release = (event: PointerEvent<HTMLButtonElement>) => {
    if (heldSinceMs.current === undefined) return;
    wasHeld.current = event.timeStamp - heldSinceMs.current >= PRESS_MS;
    heldSinceMs.current = undefined;
    if (wasHeld.current) void stay.hold(false);
  };
  const click = () => {
    // The click that ends a hold is no press.
    if (wasHeld.current) wasHeld.current = false;
    else void stay.setMuted(stay.get().holding ? false : !stay.isMuted);
  };
  const silent = muted && !holding;
  const Icon = silent ? MicOff : Mic;
  return (
    <button
      type="button"
      className="talk-button"
      data-state={silent ? "muted" : "open"}
      {...{ [TALK_BUTTON]: "" }}
      onPointerDown={press}
      onPointerUp={release}
      onPointerCancel={release}
      onClick={click}
    >
      <Icon size={38} strokeWidth={1.75} aria-hidden="true" />
      <span>{silent ? "Unmute" : "Mute"}</span>
    </button>
  );
}
