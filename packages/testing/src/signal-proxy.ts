import { connect, createServer, type Socket } from "node:net";

/** What a proxy does with a request instead of passing it on. It gets the connection, and the request's head in `latin1`. */
export type Answer = (client: Socket, head: string) => void;

/** Stands between a participant and the server's signalling; media goes past it. */
export interface SignalProxy {
  readonly url: string;
  /** Connections that asked for the signalling so far: each is an attempt to join or to resume. */
  readonly attempts: readonly number[];
  /** Cuts what is open. */
  cut(): void;
  /** From now on new connections are cut at once, or let through again. */
  refuse(refuses: boolean): void;
  /** Answers whoever asks for a path that begins so with 404, as a server does that does not know it. */
  notFound(path: string): void;
  /** From now on new requests are answered so; undefined lets them through. */
  answer(answer: Answer | undefined): void;
  /** A network that swallows everything: what is open and what comes stands still, and nobody is told. Thawed, it carries what waited. */
  freeze(frozen: boolean): void;
  /** Cuts each signalling connection when the server has sent so many chunks on it, the handshake's answer among them; undefined: never. */
  cutAfter(chunks: number | undefined): void;
  close(): Promise<void>;
}

export async function openSignalProxy(target: string): Promise<SignalProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const attempts: number[] = [];
  let refuses = false;
  let unknownPath: string | undefined;
  let answer: Answer | undefined;
  let frozen = false;
  let cutAfter: number | undefined;
  const keep = (socket: Socket) => {
    open.add(socket);
    if (frozen) socket.pause();
    socket.on("error", () => {});
    socket.once("close", () => open.delete(socket));
    return socket;
  };
  const pass = (client: Socket, first: Buffer, signalling: boolean) => {
    const upstream = keep(connect(Number(port), hostname));
    upstream.write(first);
    const pipe = (from: Socket, to: Socket, onChunk: () => void) => {
      from.on("data", (chunk) => {
        onChunk();
        if (!to.destroyed) to.write(chunk);
      });
      from.once("end", () => to.end());
      from.once("close", () => to.destroy());
    };
    let chunks = 0;
    pipe(client, upstream, () => {});
    pipe(upstream, client, () => {
      chunks += 1;
      if (signalling && cutAfter !== undefined && chunks > cutAfter) client.destroy();
    });
  };
  const server = createServer((client) => {
    keep(client);
    if (refuses) {
      client.destroy();
      return;
    }
    client.once("data", (first) => {
      const head = first.toString("latin1");
      const signalling = head.startsWith("GET /rtc");
      if (signalling) attempts.push(performance.now());
      if (unknownPath && head.startsWith(`GET ${unknownPath}`)) {
        client.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
      }
      if (answer) answer(client, head);
      else pass(client, first, signalling);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: `ws://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`,
    attempts,
    cut,
    refuse: (next) => {
      refuses = next;
    },
    notFound: (path) => {
      unknownPath = path;
    },
    answer: (next) => {
      answer = next;
    },
    freeze: (next) => {
      frozen = next;
      for (const socket of open) {
        if (next) socket.pause();
        else socket.resume();
      }
    },
    cutAfter: (next) => {
      cutAfter = next;
    },
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
