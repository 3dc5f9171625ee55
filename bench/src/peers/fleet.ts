// Many streams in one process: one tone into as many rooms as there are tokens, encoded for each of them or once for all.
import { text } from "node:stream/consumers";
import { encodeOnce, joinRoom, openTone, releaseNatives } from "@roomtone/node-audio";

/** Joins at a time: servers answer a storm with refusals. */
const JOINING = 10;

const { url, tokens, driver, shared } = JSON.parse(await text(process.stdin)) as {
  readonly url: string;
  readonly tokens: string[];
  readonly driver: string;
  readonly shared: boolean;
};
const tone = await openTone({ frequencyHz: 440 });
const source = shared ? await encodeOnce(tone) : tone;
const rooms: Awaited<ReturnType<typeof joinRoom>>[] = [];
await Promise.all(
  Array.from({ length: JOINING }, async () => {
    for (let token = tokens.pop(); token !== undefined; token = tokens.pop()) {
      const room = await joinRoom({ url, token }, { driver });
      rooms.push(room);
      await room.publish(source, { name: "fleet" });
    }
  }),
);
process.once("SIGTERM", async () => {
  await Promise.all(rooms.map((room) => room.close()));
  await releaseNatives();
  process.exit(0);
});
process.stdout.write("published\n");
