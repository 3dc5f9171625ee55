// The same chain wired by hand: naudiodon's binding, an AudioSource of @livekit/rtc-node, nothing else.
// It is wired well (10 ms blocks, no queue, one captureFrame at a time), so that the comparison is with good code.
import { createRequire } from "node:module";
import { AudioFrame, AudioSource, LocalAudioTrack, Room, TrackPublishOptions, TrackSource } from "@livekit/rtc-node";

const require = createRequire(import.meta.url);
const binding = require("naudiodon/build/Release/naudiodon.node");
const { BENCH_URL: url, BENCH_TOKEN: token } = process.env;
if (!url || !token) throw new Error("BENCH_URL and BENCH_TOKEN are not set");

const device = binding.getDevices().find((each) => each.name === "default" || each.maxInputChannels > 0);
const stream = binding.create({
  inOptions: {
    channelCount: 1,
    sampleFormat: 16,
    sampleRate: 48000,
    deviceId: device.id,
    framesPerBuffer: 480,
    highwaterMark: 960,
    maxQueue: 100,
    closeOnError: false,
  },
});
stream.start();
const room = new Room();
await room.connect(url, token, { autoSubscribe: false, dynacast: false });
const source = new AudioSource(48000, 1, 0);
const options = new TrackPublishOptions();
options.source = TrackSource.SOURCE_MICROPHONE;
await room.localParticipant.publishTrack(LocalAudioTrack.createAudioTrack("microphone", source), options);

let running = true;
process.on("exit", () => stream.quit("ABORT"));
process.once("SIGINT", async () => {
  running = false;
  await room.disconnect();
  process.exit(0);
});
let pending = Buffer.alloc(0);
while (running) {
  const { buf, finished } = await stream.read(960);
  if (finished || !buf) break;
  pending = pending.length ? Buffer.concat([pending, buf]) : buf;
  while (pending.length >= 960) {
    const samples = new Int16Array(480);
    new Uint8Array(samples.buffer).set(pending.subarray(0, 960));
    pending = pending.subarray(960);
    await source.captureFrame(new AudioFrame(samples, 48000, 1, 480));
  }
}
