import { spawn } from "node:child_process";
import { once } from "node:events";
import { OnsetDetector } from "./signals/bursts.js";

/** What is said into the virtual microphone. */
export interface Mouth {
  readonly detector: OnsetDetector;
  close(): Promise<void>;
}

/** Notes when each burst passes the virtual microphone itself, with the shortest buffer that PulseAudio gives. */
export function watchMouth(environment: Readonly<Record<string, string>>): Mouth {
  const detector = new OnsetDetector();
  const recorder = spawn(
    "parec",
    ["--device=microphone_feed.monitor", "--raw", "--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=5"],
    { env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "inherit"] },
  );
  let odd = Buffer.alloc(0);
  recorder.stdout.on("data", (chunk: Buffer) => {
    const arrivedMs = performance.now();
    const bytes = Buffer.concat([odd, chunk]);
    const samples = new Int16Array(bytes.length >> 1);
    for (let index = 0; index < samples.length; index++) samples[index] = bytes.readInt16LE(index * 2);
    odd = bytes.subarray(samples.length * 2);
    detector.push(samples, arrivedMs);
  });
  const exited = once(recorder, "exit");
  return {
    detector,
    close: async () => {
      recorder.kill();
      await exited;
    },
  };
}
