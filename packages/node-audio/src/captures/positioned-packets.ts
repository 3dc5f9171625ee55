import type { OggOpusPacketReader } from "../decoders/ogg-opus-packets.js";
import type { PositionedPacket } from "./encoded-paced-capture.js";

const TICKS_PER_US = 48 / 1000;

/** The packets of `reader` in microseconds from its beginning; then, where `again` opens another lap, those of that lap, without end. */
export function positionedPackets(
  reader: OggOpusPacketReader,
  again?: () => Promise<OggOpusPacketReader>,
): () => Promise<PositionedPacket | undefined> {
  let current = reader;
  let lapStartUs = 0;
  let endUs = 0;
  return async () => {
    let packet = await current.next();
    let beginsLap = false;
    if (!packet && again && endUs > lapStartUs) {
      current = await again();
      lapStartUs = endUs;
      beginsLap = true;
      packet = await current.next();
    }
    if (!packet) return undefined;
    const { payload, positionSamples, durationSamples, discontinuity } = packet;
    const positionUs = lapStartUs + positionSamples / TICKS_PER_US;
    const durationUs = durationSamples / TICKS_PER_US;
    endUs = positionUs + durationUs;
    return { payload, positionUs, durationUs, discontinuity: discontinuity || beginsLap };
  };
}
