// Records a tone in real time, as PCM or as the packets that others get too, and prints how many milliseconds were recorded, until it is killed.
import { encodeOnce, openTone, recordToFile } from "@roomtone/node-audio";

const [, , path, what] = process.argv;
const tone = openTone({ frequencyHz: 440 });
const recording = await recordToFile(what === "packets" ? await encodeOnce(tone) : tone, path);
setInterval(() => process.stdout.write(`${Math.floor(recording.statistics.durationMs)}\n`), 10);
