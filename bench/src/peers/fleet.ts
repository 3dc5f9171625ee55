// Many streams in one process: one tone into as many rooms as there are tokens, encoded for each of them or once for all.
import { text } from "node:stream/consumers";
import type { Publication } from "@roomtone/core";
import { encodeOnce, joinRoom, openTone, releaseNatives } from "@roomtone/node-audio";

/** Joins at a time: servers answer a storm with refusals. */
const JOINING = 10;
const PACKET_MS = 20;

const { url, tokens, driver, shared } = JSON.parse(await text(process.stdin)) as {
  readonly url: string;
  readonly tokens: string[];
  readonly driver: string;
  readonly shared: boolean;
};
const tone = await openTone({ frequencyHz: 440 });
// Every packet is due then: none is left out for silence. Both drivers make them of 20 ms.
const opus = { discontinuousTransmission: false };
const source = shared ? await encodeOnce(tone, { opus }) : tone;
const rooms: Awaited<ReturnType<typeof joinRoom>>[] = [];
const publications: Publication[] = [];
await Promise.all(
  Array.from({ length: JOINING }, async () => {
    for (let token = tokens.pop(); token !== undefined; token = tokens.pop()) {
      const room = await joinRoom({ url, token }, { driver });
      rooms.push(room);
      publications.push(await room.publish(source, { name: "fleet", quality: "fixed", ...(shared ? {} : { opus }) }));
    }
  }),
);
// How many packets went out, and how many were due: since the question before, of all streams.
let last: Awaited<ReturnType<typeof readings>> = [];
process.on("message", async () => {
  const now = await readings();
  const spans = now.flatMap((sample, index) => {
    const before = last[index];
    return sample && before ? [{ sent: sample.packetsSent - before.packetsSent, durationMs: sample.timestampMs - before.timestampMs }] : [];
  });
  last = now;
  const sent = spans.reduce((sum, span) => sum + span.sent, 0);
  const due = spans.reduce((sum, span) => sum + span.durationMs / PACKET_MS, 0);
  process.send?.({ sent, due, counted: spans.length });
});
process.once("SIGTERM", async () => {
  await Promise.all(rooms.map((room) => room.close()));
  await releaseNatives();
  process.exit(0);
});
process.stdout.write("published\n");

function readings() {
  return Promise.all(publications.map((publication) => publication.networkSample()));
}
