import { DisconnectReason, Room, RoomEvent } from "livekit-client";
import { fetchTicket, TokenRefused } from "./token.js";

/** What the page says of the room. */
export type RoomStatus =
  | { readonly kind: "waiting" | "live" | "trouble"; readonly text: string }
  /** Nothing more happens by itself. */
  | { readonly kind: "ended"; readonly text: string };

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8_000;

const finalReasons: ReadonlyMap<DisconnectReason | undefined, string> = new Map([
  [DisconnectReason.DUPLICATE_IDENTITY, "Somebody joined with this page's identity, so it left the room."],
  [DisconnectReason.PARTICIPANT_REMOVED, "A moderator removed this page from the room."],
  [DisconnectReason.ROOM_DELETED, "The room was closed."],
]);

/** Keeps the page in a room until it is told to leave: joins, and joins again with a fresh token after an outage. */
export class ListeningRoom {
  readonly room = new Room({ disconnectOnPageLeave: true });
  readonly #roomName: string | undefined;
  readonly #onStatus: (status: RoomStatus) => void;
  #retryMs = FIRST_RETRY_MS;

  constructor(roomName: string | undefined, onStatus: (status: RoomStatus) => void) {
    this.#roomName = roomName;
    this.#onStatus = onStatus;
    const { room } = this;
    room.on(RoomEvent.Reconnecting, () => onStatus({ kind: "trouble", text: "The connection is down; coming back…" }));
    room.on(RoomEvent.SignalReconnecting, () => onStatus({ kind: "trouble", text: "The connection is down; coming back…" }));
    room.on(RoomEvent.Reconnected, () => onStatus({ kind: "live", text: "" }));
    room.on(RoomEvent.Disconnected, (reason) => this.#afterEnd(reason));
  }

  /** Joins; on failure tries again by itself, unless the endpoint says no. */
  async join(): Promise<void> {
    try {
      const ticket = await fetchTicket(this.#roomName);
      this.#onStatus({ kind: "waiting", text: "Connecting…" });
      await this.room.connect(ticket.serverUrl, ticket.token, { maxRetries: 0 });
      this.#retryMs = FIRST_RETRY_MS;
      this.#onStatus({ kind: "live", text: "" });
    } catch (error) {
      if (error instanceof TokenRefused) this.#onStatus({ kind: "ended", text: error.message });
      else this.#retry("The server does not answer");
    }
  }

  #afterEnd(reason: DisconnectReason | undefined): void {
    const final = finalReasons.get(reason);
    if (final) this.#onStatus({ kind: "ended", text: final });
    // A failed join ends so too, and is followed by its own retry.
    else if (reason !== DisconnectReason.JOIN_FAILURE && reason !== DisconnectReason.CLIENT_INITIATED)
      this.#retry("The connection was lost");
  }

  #retry(why: string): void {
    this.#onStatus({ kind: "trouble", text: `${why}; trying again…` });
    setTimeout(() => void this.join(), this.#retryMs * (0.75 + Math.random() / 2));
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }
}
