import type { ByteReader } from "./byte-reader.js";
import type { Decoder } from "./decoder.js";
import { FlacDecoder } from "./flac-decoder.js";
import { unreadable } from "./input-errors.js";
import { MpegDecoder } from "./mpeg-decoder.js";
import { parseMpegHeader } from "./mpeg-header.js";
import { OggOpusDecoder } from "./ogg-opus-decoder.js";
import { PcmDecoder } from "./pcm-decoder.js";

export type Container = "wav" | "ogg" | "flac" | "mpeg";

const MARK_BYTES = 12;

/** Marks of what is audio, or looks like it, and is not read. */
const strangers: readonly (readonly [offset: number, mark: string, name: string])[] = [
  [4, "ftyp", "an MPEG-4 file (AAC or ALAC)"],
  [0, "FORM", "an AIFF"],
  [0, "RIFX", "a big-endian WAV"],
  [0, "riff", "a Wave64"],
  [0, ".snd", "an AU file"],
  [0, "caff", "a Core Audio file"],
  [0, "wvpk", "a WavPack"],
  [0, "MAC ", "a Monkey's Audio"],
  [0, "#!AMR", "an AMR recording"],
  [0, "MThd", "a MIDI file"],
  [0, "\x1aE\xdf\xa3", "a Matroska or WebM file"],
  [0, "0&\xb2u", "a Windows Media file"],
  [0, "\x89PNG", "a picture"],
  [0, "\xff\xd8\xff", "a picture"],
  [0, "%PDF", "a document"],
  [0, "PK\x03\x04", "an archive"],
];

/** What `reader` begins with, past an ID3v2 tag, which is skipped; undefined where nothing is known. @throws RoomtoneError `input-unreadable` for what is known and not read */
export async function recognise(reader: ByteReader, label: string): Promise<Container | undefined> {
  await skipId3(reader);
  const bytes = await reader.peek(MARK_BYTES);
  if (bytes.length === 0) throw unreadable(label, "is empty. Record or download it again.");
  const text = Buffer.from(bytes).toString("latin1");
  if (/^(RIFF|RF64|BW64)/.test(text)) {
    if (text.slice(8) === "WAVE") return "wav";
    throw notRead(label, "a RIFF file, but no WAV");
  }
  if (text.startsWith("OggS")) return "ogg";
  if (text.startsWith("fLaC")) return "flac";
  const stranger = strangers.find(([offset, mark]) => text.startsWith(mark, offset));
  if (stranger) throw notRead(label, stranger[2]);
  const first = parseMpegHeader(bytes, 0);
  if (first && parseMpegHeader(await reader.peek(first.frameBytes + 4), first.frameBytes)?.layer === first.layer) return "mpeg";
  return undefined;
}

/** A decoder of what was recognised. @throws RoomtoneError `input-unreadable` */
export async function openDecoder(reader: ByteReader, container: Container, label: string): Promise<Decoder> {
  if (container === "wav") return PcmDecoder.openWav(reader, label);
  if (container === "flac") return FlacDecoder.open(reader, label);
  if (container === "mpeg") return MpegDecoder.open(reader, label);
  const packet = Buffer.from((await reader.peek(64)).subarray(28)).toString("latin1"); // the first page has one segment
  if (packet.startsWith("OpusHead")) return OggOpusDecoder.open(reader, label);
  const codecs: readonly (readonly [string, string])[] = [
    ["\x01vorbis", "Ogg Vorbis"],
    ["\x7fFLAC", "FLAC in Ogg"],
    ["Speex", "Speex"],
    ["\x80theora", "a film"],
  ];
  throw notRead(label, codecs.find(([mark]) => packet.startsWith(mark))?.[1] ?? "an Ogg file without Opus");
}

/** The decoder of a whole file, whatever its name says. Looks further than `recognise`: an MP3 may begin with junk. */
export async function openFileDecoder(reader: ByteReader, label: string): Promise<Decoder> {
  const container = await recognise(reader, label);
  if (container) return openDecoder(reader, container, label);
  const [first = 0, second = 0] = await reader.peek(2);
  if (first === 0xff && (second & 0xf6) === 0xf0) throw notRead(label, "AAC");
  try {
    return await MpegDecoder.open(reader, label);
  } catch (error) {
    throw unreadable(label, "is not audio that can be read. WAV, Ogg Opus, MP3 and FLAC are.", {}, error);
  }
}

async function skipId3(reader: ByteReader): Promise<void> {
  for (;;) {
    const head = await reader.peek(10);
    if (head.length < 10 || Buffer.from(head.subarray(0, 3)).toString("latin1") !== "ID3") return;
    const [flags, ...size] = [5, 6, 7, 8, 9].map((index) => head[index] ?? 0) as [number, number, number, number, number];
    const footerBytes = flags & 0x10 ? 10 : 0;
    await reader.skip(10 + size.reduce((sum, seven) => sum * 128 + (seven & 0x7f), 0) + footerBytes);
  }
}

function notRead(label: string, name: string): Error {
  return unreadable(label, `is ${name}, which is not read. Convert it first, for example with: ffmpeg -i INPUT output.flac`);
}
