import { spawn } from "node:child_process";
import { once } from "node:events";
import { burstSignal, delaysMs, OnsetDetector, watchMouth } from "@roomtone/testing";
import type { RawPacket } from "@roomtone/testing/raw-subscriber";
import { OpusDecoder } from "opus-decoder";

/** What is later than a period looks early: no queue between the microphone and the network holds so much. */
const PERIOD_MS = 1000;
const SAY_S = 5;
/** Fewer say nothing: the microphone may only just have come back. */
const FEWEST_BURSTS = 3;
/** The last burst arrives. */
const REST_MS = 300;

/** Calls `listener` with each packet and the stream that it is of; returns how to stop. */
export type Hearing = (listener: (packet: RawPacket, stream: string) => void) => () => void;

interface Ear {
  readonly decoder: OpusDecoder<undefined>;
  readonly onsets: OnsetDetector;
}

/**
 * Says bursts into the virtual microphone of `environment`, and returns the median time, in milliseconds, from the microphone until a
 * subscriber has the packet with it: without the subscriber's own buffer. Undefined where too few bursts came through.
 */
export async function measureLatencyMs(environment: Readonly<Record<string, string>>, hear: Hearing): Promise<number | undefined> {
  const ears = new Map<string, Ear>();
  const spare = await readyDecoders(2);
  const stopHearing = hear(({ payload, arrivedMs }, stream) => {
    const decoder = ears.get(stream)?.decoder ?? spare.pop();
    if (!decoder) return;
    const { onsets } = ears.get(stream) ?? { onsets: new OnsetDetector() };
    ears.set(stream, { decoder, onsets });
    const { channelData } = decoder.decodeFrame(new Uint8Array(payload));
    onsets.push(
      Int16Array.from(channelData[0] ?? [], (sample) => sample * 32_767),
      arrivedMs,
    );
  });
  const mouth = watchMouth(environment);
  try {
    await say(environment);
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  } finally {
    stopHearing();
    await mouth.close();
    for (const decoder of [...spare, ...[...ears.values()].map(({ decoder }) => decoder)]) decoder.free();
  }
  const delays = [...ears.values()].map(({ onsets }) => delaysMs(mouth.detector.onsetsMs, onsets.onsetsMs, PERIOD_MS));
  const heard = delays.reduce((most, each) => (each.length > most.length ? each : most), []).toSorted((a, b) => a - b);
  return heard.length < FEWEST_BURSTS ? undefined : heard[heard.length >> 1];
}

/** One for the stream, and one more where the publisher came back with another. */
async function readyDecoders(count: number): Promise<OpusDecoder<undefined>[]> {
  const decoders = Array.from({ length: count }, () => new OpusDecoder({ channels: 1 }));
  await Promise.all(decoders.map((decoder) => decoder.ready));
  return decoders;
}

async function say(environment: Readonly<Record<string, string>>): Promise<void> {
  const words = ["--playback", "--device=microphone_feed", "--raw", "--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=50"];
  const player = spawn("pacat", words, { env: { ...process.env, ...environment }, stdio: ["pipe", "ignore", "ignore"] });
  const exited = once(player, "exit");
  player.stdin.on("error", () => {}); // it may end first
  player.stdin.end(Buffer.from(burstSignal(SAY_S, PERIOD_MS).buffer));
  await exited;
}
