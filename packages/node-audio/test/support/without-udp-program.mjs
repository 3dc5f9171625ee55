// Publishes to a server that is a full ICE agent, by the driver named, and prints which way the media took to arrive.

import { once } from "node:events";
import { createServer } from "node:net";
import { startDevServer } from "@roomtone/dev-server";
import { joinRoom, openTone } from "@roomtone/node-audio";

const [driver] = process.argv.slice(2);
const listener = createServer().listen(0, "127.0.0.1");
await once(listener, "listening");
const iceTcp = listener.address().port;
listener.close();
await once(listener, "close");
const server = await startDevServer({ serverPorts: { iceTcp } });
const tone = openTone({ frequencyHz: 440 });
const token = await server.createToken({ identity: "me", roomName: "room" });
const startMs = performance.now();
const room = await joinRoom({ url: server.url, token }, { driver });
const publication = await room.publish(tone, { opus: { discontinuousTransmission: false } });
while (!((await publication.networkSample())?.arrivedMark > 0)) await new Promise((resolve) => setTimeout(resolve, 50));
const arrivedAfterMs = performance.now() - startMs;
await room.close();
await tone.close();
await server.close();
process.stdout.write(`${JSON.stringify({ arrivedAfterMs })}\n`, () => process.exit(0));
