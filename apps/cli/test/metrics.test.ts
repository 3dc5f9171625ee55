import { get } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { accessTo } from "./access-to.js";
import { endAll, Roomtone } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

const server = withDevServer();
afterEach(endAll);

const patiently = { timeout: 20_000, interval: 100 };

function publish(...args: string[]): Roomtone {
  const keys = accessTo(server(), "figures");
  return new Roomtone(["publish", ...keys, "--input", "tone:440", "--json", ...args]);
}

async function publishing(...args: string[]): Promise<{ run: Roomtone; url: string }> {
  const run = publish("--metrics", "0", ...args);
  const { url } = await run.event("metrics");
  return { run, url: String(url) };
}

/** What a browser is answered whose name for us is a stranger's. */
function statusFor(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { host } }, (response) => resolve(response.resume().statusCode)).on("error", reject);
  });
}

/** A sample's value in Prometheus's text form. */
function value(text: string, name: string): number {
  const line = text.split("\n").find((one) => one.startsWith(`${name}{`) || one.startsWith(`${name} `));
  return Number(line?.split(" ").at(-1) ?? Number.NaN);
}

describe("roomtone publish --metrics", () => {
  it("counts what is sent, is healthy while audio leaves, and answers nobody else", async () => {
    const { run, url } = await publishing();
    await run.event("published");
    const health = url.replace("/metrics", "/healthz");
    await vi.waitFor(async () => expect((await fetch(health)).status).toBe(200), patiently);
    expect(await (await fetch(health)).json()).toEqual({ healthy: true, tracks: [{ track: "tone", room: "figures", state: "sending" }] });
    const response = await fetch(url);
    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    const text = await response.text();
    expect(text).toContain('roomtone_track_sent_packets_total{room="figures",track="tone"}');
    expect(value(text, "roomtone_track_sent_packets_total")).toBeGreaterThan(0);
    expect(value(text, "roomtone_room_connected")).toBe(1);
    expect(value(text, "roomtone_track_sending")).toBe(1);
    expect(value(text, "roomtone_track_level_dbfs")).toBeGreaterThan(-40);
    expect(value(text, "process_resident_memory_bytes")).toBeGreaterThan(1e6);
    expect(text).not.toContain(server().apiSecret);

    expect((await fetch(url, { method: "POST" })).status).toBe(405);
    expect((await fetch(url.replace("/metrics", "/../etc/passwd"))).status).toBe(404);
    expect((await fetch(url, { headers: { origin: "http://stranger.example" } })).status).toBe(403);
    expect(await statusFor(url, "stranger.example")).toBe(421);
    expect((await run.end("SIGTERM")).code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });

  it("stays healthy when muted, and says which port is taken before it joins", async () => {
    const { run, url } = await publishing("--muted");
    await run.event("published");
    await vi.waitFor(
      async () => expect(await (await fetch(url.replace("/metrics", "/healthz"))).json()).toMatchObject({ healthy: true }),
      patiently,
    );
    const second = publish("--metrics", new URL(url).port);
    expect(await second.exited).toMatchObject({ code: 64 });
    expect(second.events.map((event) => event["event"])).toEqual(["error", "closed"]);
    expect(second.stderr).toContain(`Port ${new URL(url).port} of 127.0.0.1 is taken by another program: give --metrics another one.`);
  });
});
