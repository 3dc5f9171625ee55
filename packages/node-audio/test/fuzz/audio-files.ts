import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRoomtoneError } from "@roomtone/core";
import { encodeFile, type FuzzTarget, interleave, sine, wavBytes } from "@roomtone/testing";
import { DecodedAudio } from "../../src/captures/decoded-audio.js";
import { ByteReader } from "../../src/decoders/byte-reader.js";
import { OggOpusPacketReader } from "../../src/decoders/ogg-opus-packets.js";
import { openFileDecoder } from "../../src/decoders/open-decoder.js";

/** What a file of any length may make of a few hundred kilobytes: the decoders may not invent hours. */
const MOST_FRAMES = 200_000;

/** A short file of each kind that is read: mono and stereo, odd rates, lossless and lossy. */
async function audioFiles(): Promise<Uint8Array[]> {
  const folder = await mkdtemp(join(tmpdir(), "roomtone-fuzz-"));
  const tone = sine({ frequencyHz: 440, durationMs: 120 });
  const encoded = async (name: string, channels: 1 | 2, ...encoderArguments: string[]) => {
    const path = join(folder, name);
    await encodeFile(path, channels === 2 ? interleave(tone, tone) : tone, { channels, encoderArguments });
    return readFile(path);
  };
  try {
    return [
      wavBytes(tone, { sampleRateHz: 44_100, channels: 1 }),
      wavBytes(tone, { sampleRateHz: 48_000, channels: 2 }),
      ...(await Promise.all([
        encoded("mono.opus", 1, "-c:a", "libopus"),
        encoded("stereo.opus", 2, "-c:a", "libopus", "-frame_duration", "60"),
        encoded("mono.mp3", 1, "-ar", "22050"),
        encoded("stereo.mp3", 2, "-b:a", "64k"),
        encoded("mono.flac", 1),
        encoded("stereo.flac", 2, "-ar", "96000"),
        encoded("float.wav", 1, "-c:a", "pcm_f32le"),
      ])),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

const chunks = async function* (bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 4096) yield bytes.subarray(at, at + 4096);
};

async function decodeAll(bytes: Uint8Array): Promise<void> {
  const decoder = await openFileDecoder(new ByteReader(chunks(bytes)), "sound");
  const firstBlock = await decoder.read().catch((error: unknown) => {
    decoder.close();
    throw error;
  });
  if (!firstBlock) return decoder.close();
  const channels = firstBlock.channels.length === 1 ? 1 : 2;
  const audio = new DecodedAudio({ decoder, firstBlock, channels, closeInput: async () => {} });
  try {
    for (let count = 0; await audio.read(); count += 1) if (count > MOST_FRAMES) throw new Error("it plays for ever");
  } finally {
    await audio.close();
  }
}

async function readPackets(bytes: Uint8Array): Promise<void> {
  const reader = await OggOpusPacketReader.open(new ByteReader(chunks(bytes)), "sound");
  let position = 0;
  for (let packet = await reader.next(); packet; packet = await reader.next()) {
    if (!(packet.durationSamples > 0 && packet.durationSamples <= 5760)) throw new Error(`a packet of ${packet.durationSamples} samples`);
    if (!(packet.positionSamples >= position)) throw new Error("time runs backwards");
    position = packet.positionSamples;
  }
}

/** Whatever a file holds, it plays, or ends with a sentence about the file. */
export async function audioFileTarget(budgetMs: number): Promise<FuzzTarget> {
  return {
    corpus: join(import.meta.dirname, "corpus", "audio-files"),
    seeds: await audioFiles(),
    budgetMs,
    run: async (input) => {
      for (const play of [decodeAll, readPackets]) {
        await play(input).catch((error: unknown) => {
          if (!isRoomtoneError(error, "input-unreadable") && !isRoomtoneError(error, "unsupported")) throw error;
        });
      }
    },
  };
}
