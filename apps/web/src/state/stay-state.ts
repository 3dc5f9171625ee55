import { initialRoomState, type RoomEvent, type RoomState, type RoomtoneError, reduceRoom } from "@roomtone/core";

export interface StayState {
  readonly room: RoomState;
  /** We publish, or are about to. */
  readonly speaking: "no" | "starting" | "yes";
  readonly publishError: RoomtoneError | undefined;
  /** The space bar or the key is held: unmuted for as long. */
  readonly holding: boolean;
  /** The browser plays nothing until a person has clicked. */
  readonly playbackBlocked: boolean;
  readonly notice: string;
  readonly joinedAtMs: number;
}

export const initialStayState: StayState = {
  room: initialRoomState,
  speaking: "no",
  publishError: undefined,
  holding: false,
  playbackBlocked: false,
  notice: "",
  joinedAtMs: 0,
};

/** The state after `event`. Pure: the room is core's to reduce; what the page says besides is added here. */
export function reduceStay(before: StayState, event: RoomEvent): StayState {
  const room = reduceRoom(before.room, event);
  const state = room === before.room ? before : { ...before, room };
  switch (event.type) {
    case "reconnected":
      return { ...state, notice: `Back after ${(event.outageMs / 1000).toFixed(1)} s.` };
    case "playback-blocked":
      return { ...state, playbackBlocked: true };
    case "muted":
    case "unmuted":
      return event.by === "server" ? { ...state, notice: `A moderator ${event.type} you.`, holding: false } : state;
    // Of what was live: its microphone is gone for good, or the server no longer takes it.
    case "unpublished":
      return room.publications.length === 0 ? { ...state, speaking: "no", holding: false } : state;
    case "publish-failed":
      return { ...state, speaking: "no", holding: false, publishError: event.error };
    case "warning":
      return { ...state, notice: event.message };
    default:
      return state;
  }
}
