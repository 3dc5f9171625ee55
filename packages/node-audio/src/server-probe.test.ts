import { createServer as createHttpServer } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { probeServer } from "./server-probe.js";

const opened: Server[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of opened.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function listen(server: Server): Promise<string> {
  opened.push(server);
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `ws://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

const answering = (status: number) => listen(createHttpServer((_request, response) => response.writeHead(status).end()));
const signal = new AbortController().signal;

describe("a probe", () => {
  it.each([
    [200, true],
    [302, true],
    [401, true],
    [404, true],
    [500, false],
    [503, false],
  ])("of a server that answers %i is %j", async (status, answers) => {
    expect(await probeServer(await answering(status), signal)).toBe(answers);
  });

  it("is false where the port is closed, or the connection is reset", async () => {
    const url = await answering(200);
    const server = opened.pop();
    await new Promise((resolve) => server?.close(resolve));
    expect(await probeServer(url, signal)).toBe(false);
    expect(await probeServer(await listen(createServer((socket) => socket.resetAndDestroy())), signal)).toBe(false);
  });

  it("of a server that takes the question and says nothing waits for its signal, and leaves no connection", async () => {
    const url = await listen(createServer());
    const abort = new AbortController();
    const reason = new Error("enough");
    const probing = probeServer(url, abort.signal);
    while (sockets.size === 0) await new Promise((resolve) => setImmediate(resolve));
    const [socket] = sockets;
    const closed = new Promise((resolve) => socket?.once("close", resolve));
    socket?.resume();
    abort.abort(reason);
    await expect(probing).rejects.toBe(reason);
    await closed;
  });

  it("rejects at once with a signal that was aborted before", async () => {
    await expect(probeServer("ws://127.0.0.1:1", AbortSignal.abort(new Error("too late")))).rejects.toThrow("too late");
  });

  it("of a name that cannot be looked up says nothing of the server: it waits for its signal", async () => {
    const abort = new AbortController();
    const probing = probeServer("ws://no-such-host.invalid", abort.signal);
    setTimeout(() => abort.abort(new Error("enough")), 100); // so long it has said nothing
    await expect(probing).rejects.toThrow("enough");
  });
});
