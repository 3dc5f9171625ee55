import type { Credentials } from "@roomtone/core";

/** How a command gets into a room, with what is known before it is in. */
export interface Access {
  readonly credentials: Credentials;
  /** For people. Absent where a token endpoint decides. */
  readonly url?: string;
  readonly roomName?: string;
  /** Whether it is known already that the token allows what is wanted: not where an endpoint has yet to give one. */
  readonly grantsChecked: boolean;
}

/** What a command wants to do in the room: the grants of a token that we make, and what is checked in one that was given. */
export interface RoomNeeds {
  readonly publish: boolean;
  readonly subscribe: boolean;
  /** Whether any text, or none, may be the token: what WHIP servers other than LiveKit's take. */
  readonly anyToken?: boolean;
}
