import type { RemoteParticipant, RemoteTrackPublication } from "livekit-client";
import { Track } from "livekit-client";
import { LevelMeter } from "./level-meter.js";

interface Card {
  readonly element: HTMLElement;
  readonly name: HTMLElement;
  readonly track: HTMLElement;
  readonly meter: LevelMeter;
  readonly participant: RemoteParticipant;
  readonly publication: RemoteTrackPublication;
}

/** One card for each audio track in the room. What strangers call themselves is only ever text. */
export class PeopleView {
  readonly #list: HTMLElement;
  readonly #quiet: HTMLElement;
  readonly #cards = new Map<string, Card>();

  constructor(list: HTMLElement, quiet: HTMLElement) {
    this.#list = list;
    this.#quiet = quiet;
  }

  /** Shows who is there; returns how many audio tracks there are. */
  show(participants: readonly RemoteParticipant[]): number {
    const seen = new Set<string>();
    let silentPeople = 0;
    for (const participant of participants) {
      const publications = [...participant.trackPublications.values()].filter(({ kind }) => kind === Track.Kind.Audio);
      if (publications.length === 0) silentPeople++;
      for (const publication of publications) {
        seen.add(publication.trackSid);
        const card = this.#show(participant, publication);
        if (this.#list.children[seen.size - 1] !== card) this.#list.insertBefore(card, this.#list.children[seen.size - 1] ?? null);
      }
    }
    for (const [sid, card] of this.#cards) {
      if (seen.has(sid)) continue;
      card.element.remove();
      this.#cards.delete(sid);
    }
    this.#quiet.textContent = quietSentence(seen.size, silentPeople);
    return seen.size;
  }

  /** Draws the levels: `levelOf` says a track's amplitude, 0 to 1. */
  showLevels(levelOf: (publication: RemoteTrackPublication, participant: RemoteParticipant) => number, nowMs: number): void {
    for (const { meter, publication, participant } of this.#cards.values()) {
      meter.show(publication.isMuted ? 0 : levelOf(publication, participant), nowMs);
    }
  }

  #show(participant: RemoteParticipant, publication: RemoteTrackPublication): HTMLElement {
    const card = this.#cards.get(publication.trackSid) ?? this.#add(participant, publication);
    card.name.textContent = participant.name || participant.identity;
    card.track.textContent = [publication.trackName, publication.isMuted ? "muted" : ""].filter(Boolean).join(", ");
    card.element.toggleAttribute("data-muted", publication.isMuted);
    return card.element;
  }

  #add(participant: RemoteParticipant, publication: RemoteTrackPublication): Card {
    const element = document.createElement("li");
    element.className = "person";
    const title = document.createElement("p");
    title.className = "person-title";
    const name = document.createElement("span");
    name.className = "person-name";
    const track = document.createElement("span");
    track.className = "person-track";
    title.append(name, track);
    const meter = new LevelMeter([participant.name || participant.identity, publication.trackName].filter(Boolean).join(", "));
    element.append(title, meter.element);
    const card = { element, name, track, meter, participant, publication };
    this.#cards.set(publication.trackSid, card);
    return card;
  }
}

function quietSentence(tracks: number, silentPeople: number): string {
  const others = silentPeople === 1 ? "One person is" : `${silentPeople} people are`;
  if (tracks > 0) return silentPeople > 0 ? `${others} here without audio.` : "";
  return silentPeople > 0
    ? `${others} here, and nobody publishes audio yet.`
    : "Nobody is here yet. Audio plays as soon as somebody publishes.";
}
