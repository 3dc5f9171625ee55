import { describeRoom, type RoomState } from "@roomtone/core";
import type { ReactNode } from "react";

interface RoomLampProps {
  readonly room: RoomState;
  readonly children?: ReactNode;
}

/** The room's state in a word, and a lamp that burns while it is well. */
export function RoomLamp({ room, children }: RoomLampProps) {
  const { phase, label } = describeRoom(room);
  return (
    <p className="lamp" data-tone={phase === "reconnecting" ? "bad" : "good"}>
      <span className="lamp-light" aria-hidden="true" />
      <span className="lamp-words" role="status">
        {label}
      </span>
      {children}
    </p>
  );
}
