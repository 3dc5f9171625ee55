import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { DevServer } from "@roomtone/dev-server";

/** The moment of the first 200 of `httpUrl`, asked every 10 ms. */
export async function firstAnswerMs(httpUrl: string): Promise<number> {
  for (;;) {
    if (await answers200(httpUrl)) return performance.now();
    await sleep(10);
  }
}

/** Whether `url` answers with 200. Node runs this file as it is, too: a listener in a process of its own asks with it. */
export function answers200(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: 1000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once("error", () => resolve(false));
    request.once("timeout", () => request.destroy());
  });
}

/** Kills the server, starts it after `goneMs`, and resolves with the moment of its first 200. */
export async function serverOutage(server: DevServer, goneMs: number): Promise<number> {
  await server.kill();
  await sleep(goneMs); // the outage itself
  const [backMs] = await Promise.all([firstAnswerMs(server.httpUrl), server.start()]);
  return backMs;
}
