import { setTimeout as sleep } from "node:timers/promises";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { expect, type TestContext } from "vitest";
import { FaultRoom } from "./fault-room.js";
import type { ReadyListener } from "./ready-listener.js";

/** "p95 within 1 s of the first 200 after its return." */
export const RETURN_BUDGET_MS = 1000;

/** How far one return of a server had come, in milliseconds since its first 200. */
export interface Return {
  /** The publisher was let in again. */
  readonly joinedMs: number;
  /** Its driver says that the track is published. */
  readonly publishedMs: number;
  /** The server told the listener of the track, or had it when the listener came. */
  readonly listedMs: number;
  /** The listener's first sound. */
  readonly firstAudioMs: number;
  readonly heardMs: number;
}

/** A room on a server of its own, and the outages that it goes through. */
export class ReturnStage {
  readonly #server: DevServer;
  readonly #room: FaultRoom;
  #outages = 0;

  private constructor(server: DevServer, room: FaultRoom) {
    this.#server = server;
    this.#room = room;
  }

  static async open(driver: string): Promise<ReturnStage> {
    const server = await startDevServer();
    return new ReturnStage(server, await FaultRoom.open({ server, driver }));
  }

  /** Kills the server, starts it after `goneMs`; `listener` joins at its first 200. One outage at a time for each stage and listener. */
  async outage(goneMs: number, listener: ReadyListener): Promise<Return> {
    const before = this.#room.events.length;
    const rejoinsBefore = this.#room.rejoins;
    await this.#server.kill();
    await sleep(goneMs); // the outage itself
    const { httpUrl, url } = this.#server;
    this.#outages += 1;
    const token = await this.#room.token(`fresh-${this.#outages}`);
    const [heard] = await Promise.all([listener.hear({ httpUrl, url, token, frequencyHz: 440 }), this.#server.start()]);
    const told = (type: string) => this.#room.events.slice(before).find((event) => event.type === type)?.atMs ?? Number.NaN;
    const since = (atMs: number) => atMs - heard.answeredMs;
    const rejoins = this.#room.rejoins - rejoinsBefore;
    expect([rejoins, this.#room.count("closed")]).toEqual([1, 0]);
    return {
      joinedMs: since(performance.timeOrigin + told("reconnected")),
      publishedMs: since(performance.timeOrigin + told("published")),
      listedMs: since(heard.listedMs ?? heard.joinedMs),
      firstAudioMs: since(heard.firstAudioMs),
      heardMs: since(heard.heardMs),
    };
  }

  async close(): Promise<void> {
    await this.#room.close();
    await this.#server.close();
  }
}

/** The value that 95 of 100 do not exceed: of fewer than twenty the largest. */
export function p95(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.ceil(0.95 * values.length) - 1] ?? Number.NaN;
}

/** Prints how far each return had come, and when: which part of the way took the time. */
export async function tellReturns({ annotate }: TestContext, what: string, returns: readonly Return[]): Promise<void> {
  for (const stage of ["joinedMs", "publishedMs", "listedMs", "firstAudioMs", "heardMs"] as const) {
    const values = returns.map((each) => each[stage]);
    const sorted = values.toSorted((one, other) => one - other).map(Math.round);
    await annotate(
      `${what}, ${stage}: median ${sorted[Math.floor((sorted.length - 1) / 2)]}, p95 ${Math.round(p95(values))} (${sorted.join(", ")})`,
    );
  }
}
