import { unreadable } from "./input-errors.js";

/** An OpusHead packet (RFC 7845). */
export interface OpusHeader {
  readonly channels: number;
  /** Samples at 48 kHz that the decoder needs to settle, and nobody should hear. */
  readonly preSkip: number;
  /** Factor that the file asks to be applied. */
  readonly gain: number;
  readonly streams: number;
  readonly coupledStreams: number;
  readonly mapping: readonly number[];
}

/** @throws RoomtoneError `input-unreadable` where it is no Opus that can be played */
export function parseOpusHeader(packet: Uint8Array, label: string): OpusHeader {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const channels = packet[9] ?? 0;
  const family = packet[18] ?? 0;
  if (packet.length < 19 || (packet[8] ?? 255) >> 4 !== 0 || channels === 0)
    throw unreadable(label, "is a broken Opus file: its header makes no sense.");
  if ((family === 0 && channels > 2) || family > 1 || channels > 8 || (family === 1 && packet.length < 21 + channels)) {
    throw unreadable(label, `has an arrangement of ${channels} channels that is not read. Mix it down to stereo first.`);
  }
  const common = { channels, preSkip: view.getUint16(10, true), gain: 10 ** (view.getInt16(16, true) / 256 / 20) };
  if (family === 0) return { ...common, streams: 1, coupledStreams: channels - 1, mapping: channels === 2 ? [0, 1] : [0] };
  return { ...common, streams: packet[19] ?? 1, coupledStreams: packet[20] ?? 0, mapping: [...packet.subarray(21, 21 + channels)] };
}

/** Length of an Opus packet in samples at 48 kHz, from its first bytes (RFC 6716, 3.1). 0 for one that is none. */
export function opusPacketSamples(packet: Uint8Array): number {
  const [first, second] = packet;
  if (first === undefined) return 0;
  const config = first >> 3;
  const silk = [480, 960, 1920, 2880];
  const samples = config < 12 ? (silk[config % 4] ?? 0) : config < 16 ? 480 << (config % 2) : 120 << (config % 4);
  const count = [1, 2, 2, (second ?? 0) & 0x3f][first & 3] ?? 0;
  return samples * count <= 5760 ? samples * count : 0;
}
