import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { EndpointWatch } from "./endpoint-watch.js";

let server: Server;
let address: URL;
const watches: EndpointWatch[] = [];
beforeEach(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  address = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/session`);
});
afterEach(() => {
  for (const watch of watches.splice(0)) watch.close();
  server.close();
});

/** Resolves at the watch's first word. */
const firstEnd = () => new Promise<void>((resolve) => watches.push(new EndpointWatch(address, resolve)));

it("tells that its connection ended", async () => {
  server.once("connection", (socket) => socket.destroy());
  await firstEnd();
});

it("tells that nobody takes its connection", async () => {
  server.close();
  await once(server, "close");
  await firstEnd();
});

it("lets go of its connection when it is closed, and says nothing", async () => {
  let ends = 0;
  const watch = new EndpointWatch(address, () => {
    ends += 1;
  });
  const [socket] = (await once(server, "connection")) as [Socket];
  watch.close();
  await once(socket.resume(), "close");
  expect(ends).toBe(0);
});
