import { describeRoom, type RoomState, type RoomStatus } from "@roomtone/core";
import type { ReactNode } from "react";

interface RoomLampProps {
  readonly room: RoomState;
  readonly children?: ReactNode;
}

const tones: Partial<Record<RoomStatus["phase"], string>> = { live: "live", reconnecting: "bad" };

/** The room's state in a word, and a lamp: red on air, green in the room. Not told as it changes: the key and the notices tell that. */
export function RoomLamp({ room, children }: RoomLampProps) {
  const { phase, label } = describeRoom(room);
  return (
    <p className="lamp" data-tone={tones[phase] ?? "good"}>
      <span className="lamp-light" aria-hidden="true" />
      <span className="lamp-words">{label}</span>
      {children}
    </p>
  );
}
