import type { ParticipantInfo, PublicationState, RemoteParticipantState, RemoteTrackInfo, RoomEvent, RoomState } from "./room.js";

/** A room before it is joined. */
export const initialRoomState: RoomState = {
  connection: "connecting",
  attempt: 0,
  room: undefined,
  localParticipant: undefined,
  participants: [],
  publications: [],
  activeSpeakers: [],
  quality: "unknown",
  closed: undefined,
};

/** The state after `event`. Pure: `state` is left as it is, and comes back itself where the event changes nothing of it. */
export function reduceRoom(state: RoomState, event: RoomEvent): RoomState {
  switch (event.type) {
    case "reconnecting":
      return {
        ...state,
        connection: "reconnecting",
        attempt: event.attempt,
        quality: "lost",
        publications: state.publications.map(waiting),
      };
    case "connected":
    case "reconnected": {
      const { type, room, localParticipant, participants } = event;
      const resumed = type === "reconnected" && event.resumed;
      const publications = state.publications.map((publication) => back(publication, resumed));
      const joined = { room, localParticipant, participants, publications };
      return { ...state, connection: "connected", attempt: 0, quality: "unknown", activeSpeakers: [], ...joined };
    }
    case "closed":
      return {
        ...state,
        connection: "closed",
        participants: [],
        publications: [],
        activeSpeakers: [],
        quality: "unknown",
        closed: event.closed,
      };
    case "participant-joined":
      return { ...state, participants: [...without(state.participants, event.participant.identity), event.participant] };
    case "participant-left":
      return {
        ...state,
        participants: without(state.participants, event.participant.identity),
        activeSpeakers: state.activeSpeakers.filter((identity) => identity !== event.participant.identity),
      };
    case "participant-changed":
      return changeParticipant(state, event.participant, (participant) => ({ ...participant, ...event.participant }));
    case "track-published":
    case "track-muted":
    case "track-unmuted":
      return changeTracks(state, event.participant, (tracks) => upsert(tracks, event.track, "sid"));
    case "track-subscribed":
      return changeTracks(state, event.participant, (tracks) => upsert(tracks, { ...event.track, subscribed: true }, "sid"));
    case "track-unsubscribed":
      // Not an upsert: an unpublished track may be told as unsubscribed after it is gone.
      return changeTracks(state, event.participant, (tracks) =>
        tracks.map((track) => (track.sid === event.track.sid ? { ...track, subscribed: false } : track)),
      );
    case "track-unpublished":
      return changeTracks(state, event.participant, (tracks) => tracks.filter((track) => track.sid !== event.track.sid));
    case "active-speakers":
      return reduceSpeakers(state, event.speakers);
    case "connection-quality":
      if (event.identity === state.localParticipant?.identity) return { ...state, quality: event.quality };
      return changeParticipant(state, event, (participant) => ({ ...participant, quality: event.quality }));
    case "room-metadata":
      return { ...state, room: event.room };
    case "published":
    case "publication-lost":
    case "muted":
    case "unmuted":
    case "quality-changed":
      return { ...state, publications: upsert(state.publications, event.publication, "id") };
    case "unpublished":
    case "publish-failed":
      return { ...state, publications: state.publications.filter((publication) => publication.id !== event.publication.id) };
    case "data-received":
    case "playback-blocked":
    case "token-refreshed":
    case "warning":
      return state;
  }
}

function waiting(publication: PublicationState): PublicationState {
  return { ...publication, status: "waiting" };
}

/** A resume brings the same tracks back; a rejoin publishes them anew. */
function back(publication: PublicationState, resumed: boolean): PublicationState {
  if (resumed && publication.sid !== undefined) return { ...publication, status: "live" };
  return { ...publication, sid: undefined, status: "publishing" };
}

function without(participants: readonly RemoteParticipantState[], identity: string): RemoteParticipantState[] {
  return participants.filter((participant) => participant.identity !== identity);
}

function changeParticipant(
  state: RoomState,
  { identity }: Pick<ParticipantInfo, "identity">,
  change: (participant: RemoteParticipantState) => RemoteParticipantState,
): RoomState {
  if (!state.participants.some((participant) => participant.identity === identity)) return state;
  return {
    ...state,
    participants: state.participants.map((participant) => (participant.identity === identity ? change(participant) : participant)),
  };
}

function changeTracks(
  state: RoomState,
  owner: ParticipantInfo,
  change: (tracks: readonly RemoteTrackInfo[]) => readonly RemoteTrackInfo[],
): RoomState {
  return changeParticipant(state, owner, (participant) => ({ ...participant, tracks: change(participant.tracks) }));
}

function upsert<Item>(items: readonly Item[], item: Item, key: keyof Item): readonly Item[] {
  const known = items.some((candidate) => candidate[key] === item[key]);
  return known ? items.map((candidate) => (candidate[key] === item[key] ? item : candidate)) : [...items, item];
}

function reduceSpeakers(state: RoomState, speakers: readonly { readonly identity: string; readonly audioLevel: number }[]): RoomState {
  const levels = new Map(speakers.map(({ identity, audioLevel }) => [identity, audioLevel]));
  const participants = state.participants.map((participant) => {
    const audioLevel = levels.get(participant.identity) ?? 0;
    const speaking = levels.has(participant.identity);
    return speaking === participant.speaking && audioLevel === participant.audioLevel
      ? participant
      : { ...participant, speaking, audioLevel };
  });
  const loudestFirst = [...speakers].sort((one, other) => other.audioLevel - one.audioLevel);
  return { ...state, participants, activeSpeakers: loudestFirst.map((speaker) => speaker.identity) };
}
