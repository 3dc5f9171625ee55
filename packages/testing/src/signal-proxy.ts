import { connect, createServer, type Socket } from "node:net";

/** Stands between a participant and the server's signalling; media goes past it. */
export interface SignalProxy {
  readonly url: string;
  /** Cuts what is open. */
  cut(): void;
  /** From now on new connections are cut at once, or let through again. */
  refuse(refuses: boolean): void;
  /** A network that swallows everything: nothing is carried, of new connections neither, and nobody is told. Let go, it carries what waited. */
  hold(holds: boolean): void;
  /** Answers whoever asks for a path that begins so with 404, as a server does that does not know it. */
  notFound(path: string): void;
  close(): Promise<void>;
}

export async function openSignalProxy(target: string): Promise<SignalProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let refuses = false;
  let holds = false;
  let unknownPath: string | undefined;
  const keep = (socket: Socket) => {
    open.add(socket);
    if (holds) socket.pause();
    socket.on("error", () => {});
    socket.once("close", () => open.delete(socket));
    return socket;
  };
  const server = createServer((client) => {
    keep(client);
    if (refuses) {
      client.destroy();
      return;
    }
    client.once("data", (head) => {
      if (unknownPath && head.toString("latin1").startsWith(`GET ${unknownPath}`)) {
        client.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
      }
      const upstream = keep(connect(Number(port), hostname));
      upstream.write(head);
      const carry = (from: Socket, to: Socket) => from.on("data", (chunk) => void to.write(chunk)).once("end", () => to.end());
      carry(client, upstream);
      carry(upstream, client);
      client.once("close", () => upstream.destroy());
      upstream.once("close", () => client.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: `ws://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`,
    cut,
    refuse: (next) => {
      refuses = next;
    },
    hold: (next) => {
      holds = next;
      for (const socket of open) {
        if (holds) socket.pause();
        else socket.resume();
      }
    },
    notFound: (path) => {
      unknownPath = path;
    },
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
