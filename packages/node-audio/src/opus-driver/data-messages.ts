import { DataPacket, DataPacket_Kind, UserPacket } from "@livekit/protocol";
import type { SendDataOptions } from "@roomtone/core";
import { checkDataMessage } from "../rtc-driver/data-message.js";

/** A user's message, as it arrived. */
export interface ReceivedData {
  readonly payload: Uint8Array;
  readonly topic: string;
  readonly identity: string;
}

/** Data messages in LiveKit's packets: numbered where reliable, so that a resume can neither lose nor repeat one. */
export class DataMessages {
  #sequence = 0;
  readonly #received = new Map<string, number>();

  /** The packet of a message. @throws RoomtoneError `invalid-settings` where it is too large */
  encode(payload: Uint8Array, { reliable = true, topic, to = [] }: SendDataOptions): Buffer {
    checkDataMessage(payload, topic ?? "", reliable);
    const destinationIdentities = [...to];
    const value = new UserPacket({ payload: Uint8Array.from(payload), destinationIdentities, ...(topic === undefined ? {} : { topic }) });
    const packet = new DataPacket({
      kind: reliable ? DataPacket_Kind.RELIABLE : DataPacket_Kind.LOSSY,
      destinationIdentities,
      value: { case: "user", value },
      ...(reliable ? { sequence: ++this.#sequence } : {}),
    });
    return Buffer.from(packet.toBinary());
  }

  /** The user's message in `data`; undefined where it is something else, or came before. */
  decode(data: Buffer): ReceivedData | undefined {
    let packet: DataPacket;
    try {
      packet = DataPacket.fromBinary(data);
    } catch {
      return undefined; // newer clients send what we do not know
    }
    if (packet.sequence > 0 && packet.participantSid !== "") {
      if (packet.sequence <= (this.#received.get(packet.participantSid) ?? 0)) return undefined;
      this.#received.set(packet.participantSid, packet.sequence);
    }
    if (packet.value.case !== "user") return undefined;
    const { payload, topic = "", participantIdentity } = packet.value.value;
    return { payload, topic, identity: packet.participantIdentity || participantIdentity };
  }

  /** Up to where we have each sender's reliable messages: a resumed session begins after. */
  get receiveStates(): readonly { readonly publisherSid: string; readonly lastSeq: number }[] {
    return [...this.#received].map(([publisherSid, lastSeq]) => ({ publisherSid, lastSeq }));
  }
}
