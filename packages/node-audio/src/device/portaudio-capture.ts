import { blockBytes, CAPTURED_AT_ONCE_BLOCKS, capturedBlockBytes, encodeCapturedBlocks } from "./device-protocol.js";
import type { StreamPipe } from "./open-stream.js";

/** Blocks that wait for a parent that does not read. It throws away all but the newest 60 ms anyway, so these are the ones to lose. */
const MAX_WAITING_BLOCKS = 20;

/** Sends what `stream` hears to `audio`, block by block, until the stream ends. */
export async function captureBlocks({ stream, audio, channels, deviceChannels }: StreamPipe): Promise<void> {
  const bytes = blockBytes(deviceChannels);
  const maxWaitingBytes = MAX_WAITING_BLOCKS * capturedBlockBytes(channels);
  for (let index = 0; ; index += CAPTURED_AT_ONCE_BLOCKS) {
    const { buf, finished } = await stream.read(bytes * CAPTURED_AT_ONCE_BLOCKS);
    // PortAudio's own time stamps reach us as whole seconds, so a block's time is the time of its arrival.
    const arrivedUs = Number(process.hrtime.bigint() / 1000n);
    if (finished) return;
    if (buf?.length !== bytes * CAPTURED_AT_ONCE_BLOCKS || audio.writableLength > maxWaitingBytes) continue;
    const samples = channels > deviceChannels ? monoToStereo(buf) : buf;
    audio.write(encodeCapturedBlocks(index, arrivedUs, samples, CAPTURED_AT_ONCE_BLOCKS));
  }
}

function monoToStereo(mono: Buffer): Buffer {
  const stereo = Buffer.allocUnsafe(mono.length * 2);
  for (let offset = 0; offset < mono.length; offset += 2) {
    const sample = mono.readInt16LE(offset);
    stereo.writeInt16LE(sample, offset * 2);
    stereo.writeInt16LE(sample, offset * 2 + 2);
  }
  return stereo;
}
