import type { RoomState } from "@roomtone/core";
import { Radio } from "lucide-react";
import { Fragment } from "react";
import { useStore } from "../hooks/use-studio.js";
import { nameOf } from "../state/chat.js";
import type { Stay } from "../state/stay.js";
import { PersonStrip } from "./person-strip.js";

/** More do not fit a window at once: who speaks is said by name, and a keyboard gets a way past them. */
const FEW = 5;

interface PeopleProps {
  readonly stay: Stay;
  /** Takes the focus to what comes after the people; undefined where nothing does. */
  readonly onSkip: (() => void) | undefined;
}

/** Everybody else, by name. */
export function People({ stay, onSkip }: PeopleProps) {
  const { room } = useStore(stay);
  const { participants } = room;
  if (participants.length === 0) {
    return (
      <div className="empty">
        <Radio size={30} strokeWidth={1.5} aria-hidden="true" />
        <p className="empty-title">You are the first one here</p>
        <p className="quiet">Invite somebody; they join with one click.</p>
      </div>
    );
  }
  const byName = participants.toSorted(
    (one, other) => nameOf(one).localeCompare(nameOf(other)) || one.identity.localeCompare(other.identity),
  );
  return (
    <>
      {onSkip && participants.length > FEW && (
        <button type="button" className="button skip" onClick={onSkip}>
          Past everybody, to the chat
        </button>
      )}
      {participants.length > FEW && <SpeakingNow room={room} />}
      <ul className="people" aria-label="People in the room">
        {byName.map((person) => (
          <PersonStrip key={person.identity} stay={stay} person={person} />
        ))}
      </ul>
    </>
  );
}

/** Not told to screen readers as it changes, which it does all the time. */
function SpeakingNow({ room }: { readonly room: RoomState }) {
  const speaking = room.activeSpeakers.flatMap((identity) => room.participants.find((person) => person.identity === identity) ?? []);
  return (
    <p className="speaking-now">
      {speaking.length === 0 ? "Nobody else speaks" : "Speaking: "}
      {speaking.map((person, index) => (
        <Fragment key={person.identity}>
          {index > 0 && ", "}
          <bdi>{nameOf(person)}</bdi>
        </Fragment>
      ))}
    </p>
  );
}
