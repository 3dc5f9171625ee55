import { createRequire } from "node:module";
import { createOpusEncoder } from "@roomtone/node-audio";
import { describeAudioEncoder } from "@roomtone/testing";

interface Decoder {
  decode(packet: Buffer): Buffer;
}
const { OpusEncoder } = createRequire(import.meta.url)("@discordjs/opus") as {
  OpusEncoder: new (rate: number, channels: number) => Decoder;
};

describeAudioEncoder("libopus", {
  open: createOpusEncoder,
  decode: (packets, channels) => {
    const decoder = new OpusEncoder(48_000, channels);
    const pcm = Buffer.concat(packets.map((packet) => decoder.decode(Buffer.from(packet))));
    return new Int16Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.byteLength));
  },
});
