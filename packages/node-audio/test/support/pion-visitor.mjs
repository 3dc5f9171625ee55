// Publishes by WHIP to the server at port 8080, listens by WHEP, and prints what was heard, how long the leave took, and what
// was told. It ends when the server has reported arrival.
import { joinRoom, openTone } from "@roomtone/node-audio";
import { measureTone } from "@roomtone/testing";
import { OpusDecoder } from "opus-decoder";
import { RTCPeerConnection, useOPUS } from "werift";

const SERVER = "http://127.0.0.1:8080";
const events = [];

await answers();
const tone = openTone({ frequencyHz: 440 });
const room = await joinRoom({ url: `${SERVER}/whip`, token: "" }, { driver: "whip", on: { any: ({ type }) => void events.push(type) } });
const publication = await room.publish(tone, { opus: { discontinuousTransmission: false } });
const ear = new RTCPeerConnection({
  bundlePolicy: "max-bundle",
  codecs: { audio: [useOPUS({ payloadType: 97 })] },
  iceServers: [],
  iceUseIpv6: false,
});
const decoder = new OpusDecoder({ channels: 1, sampleRate: 48_000 });
await decoder.ready;
const heard = listen();
ear.addTransceiver("audio", { direction: "recvonly" });
for (const { connection } of ear.iceTransports) Object.assign(connection, { stunServer: undefined });
await ear.setLocalDescription(await ear.createOffer());
const answer = await fetch(`${SERVER}/whep`, { method: "POST", body: ear.localDescription.sdp });
await ear.setRemoteDescription({ type: "answer", sdp: await answer.text() });
const purity = await heard;
while (!((await publication.networkSample())?.arrivedMark > 0)) await new Promise((resolve) => setTimeout(resolve, 100));
await ear.close();
const leavingMs = performance.now();
await room.close();
const leftAfterMs = performance.now() - leavingMs;
await tone.close();
process.stdout.write(`${JSON.stringify({ purity, leftAfterMs, events })}\n`, () => process.exit(0));

async function answers() {
  for (;;) {
    const answer = await fetch(SERVER).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** How pure 440 Hz is in the best half second that comes. */
function listen() {
  return new Promise((resolve) => {
    let samples = [];
    ear.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe(({ payload }) => {
        const { channelData } = decoder.decodeFrame(new Uint8Array(payload));
        samples.push(...channelData[0].map((sample) => Math.round(sample * 32_767)));
        if (samples.length < 24_000) return;
        const { purity } = measureTone(Int16Array.from(samples), { sampleRateHz: 48_000, frequencyHz: 440 });
        samples = [];
        if (purity > 0.9) resolve(purity);
      });
    });
  });
}
