// Records a tone in real time, and prints how much of it was recorded, in milliseconds, until it is killed.
import { openTone, recordToFile } from "@roomtone/node-audio";

const recording = await recordToFile(openTone({ frequencyHz: 440 }), process.argv[2]);
setInterval(() => process.stdout.write(`${Math.floor(recording.statistics.durationMs)}\n`), 10);
