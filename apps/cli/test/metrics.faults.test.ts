import { afterEach, expect, it, vi } from "vitest";
import { accessTo } from "./access-to.js";
import { endAll, Roomtone } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

const server = withDevServer();
afterEach(endAll);

it("/healthz is unhealthy while the server is frozen and no audio arrives, and healthy again after it", async () => {
  const keys = accessTo(server(), "frozen");
  const run = new Roomtone(["publish", ...keys, "--input", "tone:440", "--json", "--metrics", "0"]);
  const { url } = await run.event("metrics");
  const status = async () => (await fetch(String(url).replace("/metrics", "/healthz"))).status;
  await vi.waitFor(async () => expect(await status()).toBe(200), { timeout: 20_000, interval: 200 });
  await server().signal("SIGSTOP");
  try {
    await vi.waitFor(async () => expect(await status()).toBe(503), { timeout: 40_000, interval: 200 });
  } finally {
    await server().signal("SIGCONT");
  }
  await vi.waitFor(async () => expect(await status()).toBe(200), { timeout: 40_000, interval: 200 });
  expect((await run.end("SIGTERM")).code).toBe(0);
});
