import { type AbortSignalLike, type DriverConnectOptions, isRoomToken, RoomtoneError, readToken } from "@roomtone/core";
import { endpointAddress } from "./endpoint-address.js";
import { WhipConnection } from "./whip-connection.js";
import { WhipSession } from "./whip-session.js";

/** A server does not say why it ends a session. One that ends so many within a minute does not want us. */
const ENDINGS_BORNE = 2;
const ENDINGS_WITHIN_MS = 60_000;

export interface ConnectWhipOptions {
  readonly iceTransportPolicy: "all" | "relay";
  /** When the server ended a session, by publisher. */
  readonly endings: Map<string, number[]>;
}

/** Joins, once. See `RoomDriver.connect`. */
export async function connectWhip(
  { url, token, on }: DriverConnectOptions,
  { iceTransportPolicy, endings }: ConnectWhipOptions,
  signal: AbortSignalLike,
): Promise<WhipConnection> {
  const address = endpointAddress(url);
  if (!/^[\x21-\x7e]*$/.test(token)) throw new RoomtoneError("token-invalid", "The token has characters that no HTTP header can carry.");
  const claims = isRoomToken(token) ? readToken(token) : undefined;
  const publisher = JSON.stringify([address.href, ...(claims ? [claims.roomName, claims.identity] : [token])]);
  const recent = (endings.get(publisher) ?? []).filter((endedMs) => performance.now() - endedMs < ENDINGS_WITHIN_MS);
  if (recent.length > ENDINGS_BORNE) {
    const message =
      "The server ended this publication again and again. Perhaps somebody else publishes with the same identity or key, or a moderator removes it.";
    throw new RoomtoneError("room-refused", message, { retryable: false });
  }
  return WhipConnection.open(
    {
      // The host alone: the rest of an endpoint's address can be the key to a stream.
      room: { sid: "", name: claims?.roomName ?? address.host, metadata: "" },
      localParticipant: {
        sid: "",
        identity: claims?.identity ?? "",
        name: claims?.name ?? "",
        metadata: claims?.metadata ?? "",
        attributes: claims?.attributes ?? {},
      },
      on,
      open: (onEnd, sessionSignal) => WhipSession.open({ address, token, iceTransportPolicy, onEnd }, sessionSignal),
      onEndedByServer: () => endings.set(publisher, [...recent, performance.now()]),
    },
    signal,
  );
}
