import { connect, createServer, type Socket } from "node:net";
import { openUdpRelay, type UdpRelay } from "./udp-relay.js";

export interface RelayServerOptions {
  /** The server's signalling: `ws://127.0.0.1:…`. */
  readonly url: string;
  /** Its media ports, as it advertises them. */
  readonly ports: { readonly udp: number; readonly iceTcp?: number };
  /** Default 1. */
  readonly seed?: number;
}

/** The same server, with a network in between for whoever connects to this URL. */
export interface RelayedServer extends UdpRelay {
  /** Clients that connect here send and receive their media through the relay; those that connect to the server itself do not. */
  readonly url: string;
}

const HEAD_END = "\r\n\r\n";

/**
 * Puts a UDP relay between a LiveKit server and those clients that use the returned URL: signalling passes through unchanged, but that the
 * candidates name the relay's port instead of the server's. Needs no privilege, works for every client, and ends with the process.
 *
 * The server has to be ICE-lite (`rtc.use_ice_lite`, `startDevServer({ iceLite: true })`): a full one checks the addresses that the client
 * names, and media finds the way past the relay. Its ICE-TCP port is made unreachable in the same way.
 */
export async function relayServer({ url, ports, seed = 1 }: RelayServerOptions): Promise<RelayedServer> {
  const { hostname, port } = new URL(url);
  const relay = await openUdpRelayLike(ports.udp, hostname, seed);
  const renames = [ports.udp, ...(ports.iceTcp === undefined ? [] : [ports.iceTcp])].map(
    (from) => [Buffer.from(` ${from} typ `), Buffer.from(` ${relay.port} typ `)] as const,
  );
  const open = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    open.add(socket);
    socket.setNoDelay(); // as both ends of the signalling have it
    return socket.on("error", () => {}).once("close", () => open.delete(socket));
  };
  const signalling = createServer((client) => {
    keep(client);
    const server = keep(connect(Number(port), hostname));
    const rename = renameStream(renames);
    const refuseCompression = headFilter();
    client.on("data", (chunk) => server.write(refuseCompression(chunk)));
    server.on("data", (chunk) => client.write(rename(chunk)));
    client.once("end", () => server.end());
    server.once("end", () => client.end());
    client.once("close", () => server.destroy());
    server.once("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => signalling.listen(0, hostname, resolve));
  const address = signalling.address();
  let closed: Promise<void> | undefined;
  return {
    url: `ws://${hostname}:${typeof address === "object" && address ? address.port : 0}`,
    port: relay.port,
    up: relay.up,
    down: relay.down,
    get clients() {
      return relay.clients;
    },
    lose: (isLost) => relay.lose(isLost),
    close: () => {
      closed ??= (async () => {
        for (const socket of open) socket.destroy();
        await new Promise((resolve) => signalling.close(resolve));
        await relay.close();
      })();
      return closed;
    },
  };
}

/** One whose port has as many digits as the server's, so that messages keep their length. */
async function openUdpRelayLike(serverPort: number, host: string, seed: number): Promise<UdpRelay> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const relay = await openUdpRelay({ serverPort, host, seed });
    if (String(relay.port).length === String(serverPort).length) return relay;
    await relay.close();
  }
  throw new Error(`No free UDP port has as many digits as ${serverPort}.`);
}

/** Removes the offer of compression from the request, which is all of text that a client sends: ports have to stay readable. */
function headFilter(): (chunk: Buffer) => Buffer {
  let head: Buffer | undefined = Buffer.alloc(0);
  return (chunk) => {
    if (!head) return chunk;
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(HEAD_END);
    if (end < 0) return Buffer.alloc(0);
    const text = head.subarray(0, end).toString("latin1");
    const request = Buffer.from(text.replace(/\r\nsec-websocket-extensions:[^\r]*/gi, ""), "latin1");
    const rest = head.subarray(end);
    head = undefined;
    return Buffer.concat([request, rest]);
  };
}

/** Replaces byte strings by others of the same length in a stream that is cut anywhere. */
function renameStream(renames: readonly (readonly [Buffer, Buffer])[]): (chunk: Buffer) => Buffer {
  let held = Buffer.alloc(0);
  return (chunk) => {
    const bytes = Buffer.concat([held, chunk]);
    for (const [from, to] of renames) {
      for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + to.length)) to.copy(bytes, at);
    }
    const keep = Math.max(...renames.map(([from]) => beginningAtEnd(bytes, from)));
    held = bytes.subarray(bytes.length - keep);
    return bytes.subarray(0, bytes.length - keep);
  };
}

/** How many bytes at the end of `bytes` are the beginning of `wanted`, which may go on in the next chunk. */
function beginningAtEnd(bytes: Buffer, wanted: Buffer): number {
  for (let length = Math.min(wanted.length - 1, bytes.length); length > 0; length -= 1) {
    if (bytes.subarray(bytes.length - length).equals(wanted.subarray(0, length))) return length;
  }
  return 0;
}
