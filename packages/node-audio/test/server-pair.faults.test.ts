import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { releaseNatives } from "@roomtone/node-audio";
import { openSignalProxy, reportFault, systemTime, until } from "@roomtone/testing";
import { afterAll, describe, expect, it } from "vitest";
import { FaultRoom } from "./support/fault-room.js";
import { type ConfiguredServer, freePort, startConfiguredServer } from "./support/server-with-config.js";
import { withLifetime } from "./support/with-lifetime.js";

const lifetime = withLifetime();
afterAll(releaseNatives);

/** A store that two servers share. */
async function startRedis(): Promise<string> {
  const port = await freePort();
  const child = spawn("redis-server", ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"], {
    stdio: "ignore",
  });
  const exited = once(child, "exit");
  lifetime().defer(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  await until(systemTime(), "redis answers", () => answers(port));
  return `127.0.0.1:${port}`;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Sends whoever comes to the first server that takes a connection, as a load balancer does. */
async function openBalancer(servers: readonly ConfiguredServer[]): Promise<string> {
  const ports = servers.map(({ url }) => Number(new URL(url).port));
  const balancer = createServer({ pauseOnConnect: true }, async (client) => {
    client.on("error", () => {});
    for (const port of ports) {
      if (!(await answers(port))) continue;
      const server = connect(port, "127.0.0.1").on("error", () => {});
      server.once("close", () => client.destroy());
      client.once("close", () => server.destroy());
      client.pipe(server).pipe(client);
      client.resume();
      return;
    }
    client.destroy();
  });
  await new Promise<void>((resolve) => balancer.listen(0, "127.0.0.1", resolve));
  lifetime().defer(async () => void balancer.close());
  const address = balancer.address();
  return `ws://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}

describe.each(["opus", "rtc"])("a room on %s, at two servers joined by Redis", (driver) => {
  it("is at the other one after its own was killed", async (context) => {
    const address = await startRedis();
    const start = async () => lifetime().own(await startConfiguredServer(() => ({ redis: { address } })), (server) => server.close());
    const servers = [await start(), await start()] as const;
    const proxy = lifetime().own(await openSignalProxy(await openBalancer(servers)), (opened) => opened.close());
    const server = {
      url: proxy.url,
      createToken: ({ identity, roomName }: { identity: string; roomName: string }) => servers[1].createToken(identity, roomName),
    };
    const room = lifetime().own(await FaultRoom.open({ server, driver, listenerUrl: servers[1].url }), (opened) => opened.close());
    await room.freshlyHeardMs();
    const before = performance.now();
    await servers[0].close();
    await until(systemTime(), "the connection is lost", () => room.count("reconnecting") > 0, 60_000);
    const heardMs = await room.heardWhenBackMs();
    expect([room.count("closed"), room.session.state.connection]).toEqual([0, "connected"]);
    await reportFault(context, {
      part: "server",
      fault: "one of two servers joined by Redis killed",
      driver,
      seen: "`reconnecting`, then `reconnected`",
      lost: "the time back",
      backMs: [heardMs - before],
      guard: "core `recovery.ts` (*tried*)",
    });
  });
});
