import { Radio } from "lucide-react";
import { useStore } from "../hooks/use-studio.js";
import { nameOf } from "../state/chat.js";
import type { Stay } from "../state/stay.js";
import { PersonStrip } from "./person-strip.js";

/** Everybody else, by name. */
export function People({ stay }: { readonly stay: Stay }) {
  const { participants } = useStore(stay).room;
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
    <ul className="people" aria-label="People in the room">
      {byName.map((person) => (
        <PersonStrip key={person.identity} stay={stay} person={person} />
      ))}
    </ul>
  );
}
