// Keeps a room with a tone. On "exhaust" it opens files until the system allows no more; on "free" it closes them again.
import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { joinRoom, openTone } from "@roomtone/node-audio";

const say = (line) => process.stdout.write(`${line}\n`);

const { driver, url, token } = JSON.parse(process.argv[2]);
const room = await joinRoom({ url, token }, { driver, on: { any: ({ type }) => say(type) } }).catch((error) => {
  say(`${error.code}: ${error.message}`);
  process.exit(0);
});
await room.publish(openTone({ frequencyHz: 440 }), { name: "voice" });
say("live");
const opened = [];
for await (const line of createInterface(process.stdin)) {
  if (line === "free") for (const descriptor of opened.splice(0)) closeSync(descriptor);
  if (line !== "exhaust") continue;
  try {
    for (;;) opened.push(openSync("/dev/null"));
  } catch (error) {
    say(error.code);
  }
}
