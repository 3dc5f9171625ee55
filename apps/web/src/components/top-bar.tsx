import { LogOut } from "lucide-react";
import { useMedia } from "../hooks/use-media.js";
import { useStore, useStudio } from "../hooks/use-studio.js";
import type { Stay } from "../state/stay.js";
import { Brand } from "./brand.js";
import { Clock } from "./clock.js";
import { InviteDialog } from "./invite-dialog.js";
import { RecordButton } from "./record-button.js";
import { RoomLamp } from "./room-lamp.js";
import { ThemeSwitch } from "./theme-switch.js";

/** The room, the lamp that says whether it is connected, and the ways out. */
export function TopBar({ stay }: { readonly stay: Stay }) {
  const studio = useStudio();
  const { room, joinedAtMs } = useStore(stay);
  const name = room.room?.name || studio.link.roomName;
  const isNarrow = useMedia("(max-width: 719px)");
  const leave = (
    <button type="button" className="button" onClick={() => studio.leave()}>
      <LogOut size={17} aria-hidden="true" />
      Leave
    </button>
  );
  return (
    <header className="live-bar">
      <title>{`${name} · Roomtone`}</title>
      <div className="live-head">
        <Brand />
        <div className="room-plate">
          <h1 tabIndex={-1} title={name}>
            {name}
          </h1>
          <RoomLamp room={room}>
            <Clock sinceMs={joinedAtMs} />
          </RoomLamp>
        </div>
        {/* Reached by keyboard where it is seen: in the part that stays in view, or as the last of all. */}
        {isNarrow && leave}
      </div>
      <div className="live-actions">
        <RecordButton stay={stay} />
        <InviteDialog roomName={name} serverUrl={studio.link.serverUrl} />
        <ThemeSwitch />
        {!isNarrow && leave}
      </div>
    </header>
  );
}
