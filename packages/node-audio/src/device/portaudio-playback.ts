import { blockBytes, encodePlaybackReport, PLAYBACK_REPORT_BYTES, RecordCutter } from "./device-protocol.js";
import type { StreamPipe } from "./open-stream.js";

/** More than a parent ever sends ahead. */
const MAX_WAITING_BLOCKS = 20;
/** Reports that wait for a parent that does not read. */
const MAX_WAITING_REPORTS = 100;

/**
 * Plays what arrives on `audio`, and silence where nothing does: PortAudio's thread stands still when its queue is empty, and with it
 * the clock that the parent goes by.
 */
export async function playBlocks({ stream, audio, channels, deviceChannels, closing }: StreamPipe): Promise<void> {
  const cutter = new RecordCutter(blockBytes(channels));
  const silence = Buffer.alloc(blockBytes(deviceChannels));
  let waiting: Buffer[] = [];
  audio.on("data", (chunk) => {
    waiting.push(...cutter.push(chunk));
    if (waiting.length > MAX_WAITING_BLOCKS) waiting = waiting.slice(-MAX_WAITING_BLOCKS);
  });
  let [played, underruns] = [0, 0];
  let audible = false;
  for (let elapsed = 1; !closing.aborted; elapsed += 1) {
    const block = waiting.shift();
    if (block) played += 1;
    else if (audible) underruns += 1;
    audible = block !== undefined;
    await stream.write(block ? (channels > deviceChannels ? stereoToMono(block) : block) : silence);
    if (audio.writableLength > MAX_WAITING_REPORTS * PLAYBACK_REPORT_BYTES) continue;
    audio.write(encodePlaybackReport({ played, elapsed, underruns }));
  }
}

function stereoToMono(stereo: Buffer): Buffer {
  const mono = Buffer.allocUnsafe(stereo.length / 2);
  for (let offset = 0; offset < mono.length; offset += 2) {
    mono.writeInt16LE((stereo.readInt16LE(offset * 2) + stereo.readInt16LE(offset * 2 + 2)) >> 1, offset);
  }
  return mono;
}
