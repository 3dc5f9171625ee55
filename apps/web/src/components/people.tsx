import { describeRoom, type RoomState } from "@roomtone/core";
import { Radio, Unplug } from "lucide-react";
import { Fragment } from "react";
import { useStore, useStudio } from "../hooks/use-studio.js";
import { nameOf } from "../state/chat.js";
import type { Stay } from "../state/stay.js";
import { PersonStrip } from "./person-strip.js";

/** More do not fit a window at once: who speaks is said by name, and a keyboard gets a way past them. */
const FEW = 5;

/** 2 before 10. */
const { compare: inOrder } = new Intl.Collator(undefined, { numeric: true });

interface PeopleProps {
  readonly stay: Stay;
  /** Takes the focus to what comes after the people; undefined where nothing does. */
  readonly onSkip: (() => void) | undefined;
}

/** Everybody else, by name. */
export function People({ stay, onSkip }: PeopleProps) {
  const { serverUrl } = useStudio().link;
  const { room } = useStore(stay);
  const { participants } = room;
  const isAway = describeRoom(room).phase === "reconnecting";
  if (participants.length === 0) return <Nobody isAway={isAway} needsToken={serverUrl !== ""} />;
  const byName = participants.toSorted((one, other) => inOrder(nameOf(one), nameOf(other)) || inOrder(one.identity, other.identity));
  return (
    <>
      {onSkip && participants.length > FEW && (
        <button type="button" className="button skip" onClick={onSkip}>
          Past everybody, to the chat
        </button>
      )}
      {participants.length > FEW && <SpeakingNow room={room} isAway={isAway} />}
      <ul className="people" aria-label="People in the room">
        {byName.map((person) => (
          <PersonStrip key={person.identity} stay={stay} person={person} isAway={isAway} />
        ))}
      </ul>
    </>
  );
}

interface NobodyProps {
  /** The connection is lost: whoever has come meanwhile is not known. */
  readonly isAway: boolean;
  readonly needsToken: boolean;
}

export function Nobody({ isAway, needsToken }: NobodyProps) {
  const Icon = isAway ? Unplug : Radio;
  return (
    <div className="empty">
      <Icon size={30} strokeWidth={1.5} aria-hidden="true" />
      <p className="empty-title">{isAway ? "Nobody else was here" : "Nobody else is here"}</p>
      <p className="quiet">
        {isAway
          ? "Whoever came meanwhile appears when the connection is back."
          : needsToken
            ? "Invite somebody; they need a token of their own."
            : "Invite somebody; they join with one click."}
      </p>
    </div>
  );
}

/** Not told to screen readers as it changes, which it does all the time. */
function SpeakingNow({ room, isAway }: { readonly room: RoomState; readonly isAway: boolean }) {
  const speakers = isAway ? [] : room.activeSpeakers;
  const speaking = speakers.flatMap((identity) => room.participants.find((person) => person.identity === identity) ?? []);
  return (
    <p className="speaking-now">
      {isAway ? "Nobody is heard until the connection is back" : speaking.length === 0 ? "Nobody else speaks" : "Speaking: "}
      {speaking.map((person, index) => (
        <Fragment key={person.identity}>
          {index > 0 && ", "}
          <bdi>{nameOf(person)}</bdi>
        </Fragment>
      ))}
    </p>
  );
}
