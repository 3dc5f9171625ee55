import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startDevServer } from "@roomtone/dev-server";
import { type LinkConditions, speechLike } from "@roomtone/testing";
import { openStage } from "./quality.ts";

interface Phase {
  readonly seconds: number;
  readonly up: Partial<LinkConditions>;
}

const clear: Partial<LinkConditions> = { lossShare: 0, jitterMs: 0, rateBps: Number.POSITIVE_INFINITY };

const NETWORKS: Readonly<Record<string, readonly Phase[]>> = {
  "heavy-loss": [
    { seconds: 20, up: clear },
    { seconds: 40, up: { lossShare: 0.5 } },
    { seconds: 60, up: clear },
  ],
  "narrow-link": [
    { seconds: 20, up: clear },
    { seconds: 40, up: { rateBps: 34_000, queueBytes: 8000 } },
    { seconds: 60, up: clear },
  ],
  "restless-path": [{ seconds: 120, up: { lossShare: 0.1, jitterMs: 60 } }],
};

/** What a track with fixed settings reads once a second, over networks that the relay makes: one JSON file each, a line a reading. */
export async function recordTraces(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const server = await startDevServer({ iceLite: true });
  try {
    await Promise.all(Object.entries(NETWORKS).map(([name, phases]) => record(name, phases)));
  } finally {
    await server.close();
  }

  async function record(name: string, phases: readonly Phase[]): Promise<void> {
    const durationMs = phases.reduce((sum, { seconds }) => sum + seconds * 1000, 5000);
    const stage = await openStage(server, name, speechLike(durationMs, 9), 3);
    const { publication } = await stage.publish("fixed");
    const readings: string[] = [];
    for (const { seconds, up } of phases) {
      stage.relay.up.change(up);
      for (let second = 0; second < seconds; second += 1) {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        const sample = await publication.networkSample();
        if (sample) readings.push(JSON.stringify({ ...sample, timestampMs: Math.round(sample.timestampMs) }));
      }
    }
    await stage.close();
    await writeFile(join(folder, `${name}.json`), `[\n${readings.join(",\n")}\n]\n`);
  }
}
