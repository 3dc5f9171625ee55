import { connect, type Socket } from "node:net";

/** After a connection that ended, another is opened so much later: doubled each time, for as long as none lasts. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
const LASTING_MS = 30_000;

/**
 * An idle connection to the server that holds a session. WHIP has nothing else that would tell of the server's end: media goes one way,
 * and what has died does not say so. Its own end proves nothing, for servers and proxies close idle connections; it is worth a question.
 */
export class EndpointWatch {
  readonly #host: string;
  readonly #port: number;
  readonly #onEnd: () => void;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #closed = false;

  /** `onEnd` is called whenever the connection ended, or none could be had. */
  constructor(address: URL, onEnd: () => void) {
    this.#host = address.hostname.replace(/^\[|\]$/g, "");
    this.#port = Number(address.port || (address.protocol === "https:" ? 443 : 80));
    this.#onEnd = onEnd;
    this.#open();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #open(): void {
    const startMs = performance.now();
    const socket = connect({ host: this.#host, port: this.#port }).unref();
    this.#socket = socket;
    socket.on("error", () => {}); // "close" follows
    socket.resume();
    socket.once("close", () => {
      if (this.#closed) return;
      const pauseMs = performance.now() - startMs >= LASTING_MS ? FIRST_PAUSE_MS : this.#pauseMs;
      this.#pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      this.#timer = setTimeout(() => this.#open(), pauseMs).unref();
      this.#onEnd();
    });
  }
}
