import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { NetworkLink } from "./network-link.js";
import { systemTime } from "./virtual-clock.js";

export interface UdpRelayOptions {
  /** The server's port for media, on `host`. */
  readonly serverPort: number;
  /** A loopback IPv4 address. Default `127.0.0.1`. */
  readonly host?: string;
  /** Same seed, same packets lost: for one client's packets, in the order in which they came. Default 1. */
  readonly seed?: number;
}

/** One packet on its way through a relay. */
export interface RelayedPacket {
  readonly direction: "up" | "down";
  readonly bytes: Uint8Array;
  /** Of the client that sent it, or is to get it. */
  readonly clientPort: number;
}

/** Stands between clients and a server's UDP port. Each client gets a port of its own towards the server, which so tells them apart. */
export interface UdpRelay {
  readonly port: number;
  /** From the clients to the server. */
  readonly up: NetworkLink;
  /** From the server to the clients. */
  readonly down: NetworkLink;
  /** Clients' addresses that packets came from so far. */
  readonly clients: number;
  /** From now on loses the packets that `isLost` chooses, besides what the links lose. It sees them all, and they are in no link's count. */
  lose(isLost: (packet: RelayedPacket) => boolean): void;
  close(): Promise<void>;
}

export async function openUdpRelay({ serverPort, host = "127.0.0.1", seed = 1 }: UdpRelayOptions): Promise<UdpRelay> {
  const time = systemTime();
  const up = new NetworkLink(time, seed);
  const down = new NetworkLink(time, seed + 1);
  const towardsServer = new Map<string, Socket>();
  const front = await openSocket(host);
  let isLost: (packet: RelayedPacket) => boolean = () => false;
  let closed: Promise<void> | undefined;

  front.on("message", (packet, { address, port }) => {
    const key = `${address}:${port}`;
    let socket = towardsServer.get(key);
    if (!socket) {
      const opened = quietSocket();
      opened.on("message", (answer, from) => {
        // Whatever else finds the port is not the server.
        if (from.port !== serverPort || from.address !== host) return;
        if (isLost({ direction: "down", bytes: answer, clientPort: port })) return;
        down.carry(answer.length, () => front.send(answer, port, address));
      });
      towardsServer.set(key, opened);
      socket = opened;
    }
    const server = socket;
    if (isLost({ direction: "up", bytes: packet, clientPort: port })) return;
    up.carry(packet.length, () => server.send(packet, serverPort, host));
  });

  return {
    port: front.address().port,
    up,
    down,
    get clients() {
      return towardsServer.size;
    },
    lose: (choose) => {
      isLost = choose;
    },
    close: () => {
      closed ??= (async () => {
        up.close();
        down.close();
        await Promise.all([front, ...towardsServer.values()].map(closeSocket));
      })();
      return closed;
    },
  };
}

async function openSocket(host: string): Promise<Socket> {
  const socket = quietSocket();
  socket.bind(0, host);
  await once(socket, "listening");
  return socket;
}

/** Where the other side is gone, sending fails: to a network that is a lost packet. */
function quietSocket(): Socket {
  return createSocket("udp4").on("error", () => {});
}

async function closeSocket(socket: Socket): Promise<void> {
  const closed = once(socket, "close");
  socket.close();
  await closed;
}
