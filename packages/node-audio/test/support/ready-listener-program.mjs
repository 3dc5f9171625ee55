// A listener that is ready: its modules are loaded, and it joins at a server's first 200 when its parent tells it to. It answers with what
// it saw and when, in milliseconds of the machine's clock, and waits for the next.
import { setTimeout as sleep } from "node:timers/promises";
import { AudioStream, Room, RoomEvent } from "@livekit/rtc-node";
import { measureTone } from "@roomtone/testing";
import { answers200 } from "./outages.ts";

const SAMPLE_RATE_HZ = 48_000;
const WINDOW_SAMPLES = SAMPLE_RATE_HZ / 50;

const nowMs = () => performance.timeOrigin + performance.now();

process.on("message", (order) => void listen(order).then((heard) => process.send(heard)));
process.on("disconnect", () => process.exit());
await answers200("http://127.0.0.1:1"); // the first request loads what the others need
new Room();
process.send("ready");

async function listen({ httpUrl, url, token, frequencyHz }) {
  while (!(await answers200(httpUrl))) await sleep(5);
  const heard = { answeredMs: nowMs() };
  const room = new Room();
  const isHeard = new Promise((resolve) => {
    room.on(RoomEvent.TrackPublished, () => (heard.listedMs ??= nowMs()));
    room.on(RoomEvent.TrackSubscribed, async (track) => {
      heard.subscribedMs ??= nowMs();
      const window = new Int16Array(WINDOW_SAMPLES);
      for await (const { data } of new AudioStream(track, { sampleRate: SAMPLE_RATE_HZ, numChannels: 1, frameSizeMs: 10 })) {
        if (data.some((sample) => sample !== 0)) heard.firstAudioMs ??= nowMs();
        window.copyWithin(0, data.length);
        window.set(data, window.length - data.length);
        const { purity, levelDbfs } = measureTone(window, { sampleRateHz: SAMPLE_RATE_HZ, frequencyHz, toleranceHz: 60 });
        if (purity > 0.9 && levelDbfs > -30) return resolve();
      }
    });
  });
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  heard.joinedMs = nowMs();
  await isHeard;
  heard.heardMs = nowMs();
  await room.disconnect();
  return heard;
}
