// One microphone, one publisher at a time: Roomtone's command line, its peers, in turn, in one run.
import { once } from "node:events";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { burstSignal, delaysMs, startVirtualMicrophone, type VirtualMicrophone, watchMouth } from "@roomtone/testing";
import { processTreeUsage } from "./process-tree.ts";
import { createPublishers, type Publisher } from "./publishers.ts";
import { quantile } from "./quantile.ts";
import { round, wait } from "./rounding.ts";
import { listenInRoom } from "./subscriber.ts";

const SETTLE_MS = 3_000; // the receiver's jitter buffer finds its size
const FIRST_AUDIO_DEADLINE_MS = 20_000;

export interface MicrophoneFigures {
  readonly startMs: number;
  readonly cpuPercent: number;
  readonly latencyP50Ms: number;
  readonly latencyP95Ms: number;
  readonly memoryMb: number;
  readonly exitMs: number;
}

/** Each publisher's figures, round by round, the publishers in turn. */
export async function benchMicrophone(
  rounds: number,
  seconds: number,
  drivers: readonly string[],
): Promise<Map<string, MicrophoneFigures[]>> {
  const microphone = await startVirtualMicrophone();
  const serverPath = process.env["LIVEKIT_SERVER_BIN"];
  const server = await startDevServer(serverPath ? { serverPath } : {});
  const figures = new Map<string, MicrophoneFigures[]>();
  try {
    const publishers = await createPublishers(microphone, drivers);
    microphone.play(burstSignal(60), { loop: true });
    // The first round of each fills what stays warm between two starts, such as the compile cache, and is not counted.
    for (let turn = -1; turn < rounds; turn++) {
      for (const [name, publisher] of publishers) {
        const measured = await measure(microphone, server, publisher, `${name.replace(/\W/g, "-")}-${turn}`, turn < 0 ? 0 : seconds);
        if (turn < 0) continue;
        figures.set(name, [...(figures.get(name) ?? []), measured]);
        console.error(`round ${turn + 1}/${rounds} ${name}: ${JSON.stringify(measured)}`);
      }
    }
  } finally {
    await server.close();
    await microphone.close();
  }
  return figures;
}

async function measure(
  microphone: VirtualMicrophone,
  server: DevServer,
  publisher: Publisher,
  roomName: string,
  seconds: number,
): Promise<MicrophoneFigures> {
  const ear = await listenInRoom(server.url, await server.createToken({ identity: "ear", roomName }));
  const mouth = watchMouth(microphone.environment);
  const startedMs = performance.now();
  const child = await publisher(server, roomName);
  const exited = once(child, "exit");
  try {
    const firstAudioMs = await Promise.race([
      ear.firstAudio,
      exited.then(() => Promise.reject(new Error(`the publisher of ${roomName} ended early`))),
      wait(FIRST_AUDIO_DEADLINE_MS).then(() => Promise.reject(new Error(`no audio in ${roomName}`))),
    ]);
    if (seconds > 0) await wait(SETTLE_MS);
    const pid = child.pid ?? 0;
    const before = processTreeUsage(pid);
    const fromMs = performance.now();
    await wait(seconds * 1000);
    const after = processTreeUsage(pid);
    const elapsedS = (performance.now() - fromMs) / 1000;
    const delays = delaysMs(
      mouth.detector.onsetsMs,
      ear.detector.onsetsMs.filter((each) => each > fromMs),
    );
    const leavingMs = performance.now();
    child.kill("SIGINT");
    await exited;
    return {
      startMs: Math.round(firstAudioMs - startedMs),
      cpuPercent: round(((after.cpuS - before.cpuS) / elapsedS) * 100, 1),
      latencyP50Ms: Math.round(quantile(delays, 0.5)),
      latencyP95Ms: Math.round(quantile(delays, 0.95)),
      memoryMb: Math.round(after.residentBytes / 1e6),
      exitMs: Math.round(performance.now() - leavingMs),
    };
  } finally {
    child.kill("SIGKILL");
    await mouth.close();
    await ear.close();
  }
}
