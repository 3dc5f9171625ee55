import { type RTCRtpSender, RTP_EXTENSION_URI, RtpHeader, serializeSdesMid } from "werift";
import { audioLevelByte } from "../encoding/audio-level.js";

/** So many packets werift looks for when one is asked for again. */
const KEPT_PACKETS = 128;
const FIXED_HEADER_BYTES = 12;
const EXTENSION_HEADER_BYTES = 4;

/** What differs between two packets of a sender. */
export interface PacketFields {
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly marker: boolean;
  /** Undefined where none is known. */
  readonly levelDbov: number | undefined;
}

/** What werift's cipher and its repeating of lost packets ask of a header. */
class WrittenHeader {
  readonly ssrc: number;
  readonly sequenceNumber: number;
  readonly #bytes: Buffer;

  constructor(ssrc: number, sequenceNumber: number, bytes: Buffer) {
    this.ssrc = ssrc;
    this.sequenceNumber = sequenceNumber;
    this.#bytes = bytes;
  }

  get serializeSize(): number {
    return this.#bytes.length;
  }

  serialize(): Buffer {
    return this.#bytes;
  }
}

/** What of a sender is werift's own affair. */
interface SenderInternals {
  readonly stopped: boolean;
  readonly mid?: string;
  readonly headerExtensions: readonly { readonly id: number; readonly uri: string }[];
  readonly rtpCache: { header: WrittenHeader; payload: Buffer }[];
  readonly dtlsTransport?: {
    readonly state: string;
    sendRtp(payload: Buffer, header: WrittenHeader): Promise<unknown>;
  };
}

/**
 * Writes a sender's packets. werift makes each header out of objects, twice, and looks through every extension: at 50 packets a second
 * that costs more than to encrypt one. Here one header is written by werift and copied, with what differs put in. Encrypting, sending and
 * repeating stay werift's.
 */
export class RtpWriter {
  readonly #sender: RTCRtpSender;
  readonly #internals: SenderInternals;
  #template: HeaderTemplate | undefined;

  constructor(sender: RTCRtpSender) {
    this.#sender = sender;
    this.#internals = sender as unknown as SenderInternals;
  }

  /** What cannot be sent is lost, as on any network: the receiver reports tell. */
  write(payload: Buffer, fields: PacketFields, levelExtensionId: number | undefined): void {
    const { stopped, dtlsTransport, rtpCache } = this.#internals;
    if (stopped || dtlsTransport?.state !== "connected") return;
    const header = this.#header(fields, fields.levelDbov === undefined ? undefined : levelExtensionId);
    if (!header) return;
    rtpCache[fields.sequenceNumber % KEPT_PACKETS] = { header, payload };
    dtlsTransport.sendRtp(payload, header).catch(() => {});
  }

  #header(fields: PacketFields, levelExtensionId: number | undefined): WrittenHeader | undefined {
    const { ssrc, codec } = this.#sender;
    const { mid } = this.#internals;
    if (!codec) return undefined;
    const { payloadType } = codec;
    if (!this.#template?.fits(mid, payloadType, levelExtensionId)) {
      const midExtensionId = this.#internals.headerExtensions.find(({ uri }) => uri === RTP_EXTENSION_URI.sdesMid)?.id;
      this.#template = new HeaderTemplate({ ssrc, payloadType, mid, midExtensionId, levelExtensionId });
    }
    return new WrittenHeader(ssrc, fields.sequenceNumber, this.#template.write(fields));
  }
}

interface HeaderParts {
  readonly ssrc: number;
  readonly payloadType: number;
  readonly mid: string | undefined;
  readonly midExtensionId: number | undefined;
  readonly levelExtensionId: number | undefined;
}

class HeaderTemplate {
  readonly #parts: HeaderParts;
  readonly #bytes: Buffer;
  readonly #levelOffset: number;

  constructor(parts: HeaderParts) {
    this.#parts = parts;
    const { ssrc, payloadType, mid, midExtensionId, levelExtensionId } = parts;
    const extensions: { id: number; payload: Buffer }[] = [];
    if (mid && midExtensionId !== undefined) extensions.push({ id: midExtensionId, payload: serializeSdesMid(mid) });
    if (levelExtensionId !== undefined) extensions.push({ id: levelExtensionId, payload: Buffer.alloc(1) });
    extensions.sort((one, other) => one.id - other.id);
    const header = new RtpHeader({ ssrc, payloadType, extensions });
    this.#bytes = header.serialize(header.serializeSize);
    const before = extensions.slice(
      0,
      extensions.findIndex(({ id }) => id === levelExtensionId),
    );
    const beforeBytes = before.reduce((sum, { payload }) => sum + 1 + payload.length, 0);
    this.#levelOffset = FIXED_HEADER_BYTES + EXTENSION_HEADER_BYTES + beforeBytes + 1;
  }

  fits(mid: string | undefined, payloadType: number, levelExtensionId: number | undefined): boolean {
    const parts = this.#parts;
    return parts.mid === mid && parts.payloadType === payloadType && parts.levelExtensionId === levelExtensionId;
  }

  write({ sequenceNumber, timestamp, marker, levelDbov }: PacketFields): Buffer {
    const { payloadType, levelExtensionId } = this.#parts;
    const bytes = Buffer.from(this.#bytes);
    bytes[1] = marker ? payloadType | 0x80 : payloadType;
    bytes.writeUInt16BE(sequenceNumber, 2);
    bytes.writeUInt32BE(timestamp, 4);
    if (levelExtensionId !== undefined && levelDbov !== undefined) bytes[this.#levelOffset] = audioLevelByte(levelDbov);
    return bytes;
  }
}
