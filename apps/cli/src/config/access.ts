import type { Credentials, TokenClaims } from "@roomtone/core";

/** How a command gets into a room, with what is known before it is in. */
export interface Access {
  readonly credentials: Credentials;
  /** For people. Absent where a token endpoint decides. */
  readonly url?: string;
  readonly roomName?: string;
  /** What the token says, where there is one already. */
  readonly claims?: TokenClaims;
}

/** What a command wants to do in the room: the grants of a token that we make, and what is checked in one that was given. */
export interface RoomNeeds {
  readonly publish: boolean;
  readonly subscribe: boolean;
}
