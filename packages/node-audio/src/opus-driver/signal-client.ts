import {
  DisconnectReason,
  type JoinResponse,
  LeaveRequest,
  LeaveRequest_Action,
  Ping,
  SignalRequest,
  SignalResponse,
} from "@livekit/protocol";
import type WebSocket from "ws";

/** What goes to the server. */
export type SignalRequestMessage = Extract<SignalRequest["message"], { case: string }>;
/** What comes from it. */
export type SignalResponseMessage = Extract<SignalResponse["message"], { case: string }>;

const DEFAULT_PING_INTERVAL_S = 5;
const DEFAULT_PING_TIMEOUT_S = 15;
/** A timer cannot wait for longer than 24 days, and would then not wait at all. */
const LONGEST_PING_S = 3600;
/** How long the other side may take to answer our close. */
const CLOSE_PATIENCE_MS = 200;

export interface SignalListener {
  onMessage(message: SignalResponseMessage): void;
  /** The connection is gone without our doing. At most once, and the last word. */
  onLost(reason: string): void;
}

/** An open WebSocket that speaks LiveKit's signal protocol. Messages wait until somebody listens. */
export class SignalClient {
  readonly #socket: WebSocket;
  #listener: SignalListener | undefined;
  #waiting: SignalResponseMessage[] = [];
  #lost: string | undefined;
  #closed = false;
  #heardAtMs = performance.now();
  #pingTimer: NodeJS.Timeout | undefined;
  #onFirst: ((message: SignalResponseMessage | undefined) => void) | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.#receive(data);
    });
    socket.on("close", () => this.#lose("the signal connection closed"));
  }

  /** The first message, which decides whether we are in; undefined where the connection ends before. */
  first(): Promise<SignalResponseMessage | undefined> {
    return new Promise((resolve) => {
      const message = this.#waiting.shift();
      if (message || this.#lost !== undefined) resolve(message);
      else this.#onFirst = resolve;
    });
  }

  /** From now on every message goes to `listener`, those that waited first, in order. */
  listen(listener: SignalListener): void {
    this.#listener = listener;
    for (const message of this.#waiting.splice(0)) listener.onMessage(message);
    if (this.#lost !== undefined && !this.#closed) listener.onLost(this.#lost);
  }

  /** Pings as the server wishes, and counts the connection as lost when nothing comes back. */
  keepAlive(answer: Pick<JoinResponse, "pingInterval" | "pingTimeout">): void {
    clearInterval(this.#pingTimer);
    const timeoutMs = sensibleS(answer.pingTimeout, DEFAULT_PING_TIMEOUT_S) * 1000;
    this.#heardAtMs = performance.now();
    this.#pingTimer = setInterval(() => {
      if (performance.now() - this.#heardAtMs > timeoutMs) {
        this.#lose("the server stopped answering pings");
        this.#socket.terminate();
        return;
      }
      this.send({ case: "pingReq", value: new Ping({ timestamp: BigInt(Date.now()) }) });
    }, sensibleS(answer.pingInterval, DEFAULT_PING_INTERVAL_S) * 1000);
    this.#pingTimer.unref();
  }

  /** False where the connection is not open: nothing was sent. */
  send(message: SignalRequestMessage): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return false;
    this.#socket.send(new SignalRequest({ message }).toBinary());
    return true;
  }

  /** Tells the server that we go, so that it keeps nothing of us. */
  sendLeave(): void {
    const value = new LeaveRequest({ reason: DisconnectReason.CLIENT_INITIATED, action: LeaveRequest_Action.DISCONNECT });
    this.send({ case: "leave", value });
  }

  /** Closes the connection; nothing is told after. Resolves when it is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#listener = undefined;
    clearInterval(this.#pingTimer);
    if (this.#socket.readyState === this.#socket.CLOSED) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#socket.terminate(), CLOSE_PATIENCE_MS);
      this.#socket.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
      this.#socket.close(1000);
    });
  }

  #receive(data: Buffer): void {
    this.#heardAtMs = performance.now();
    const message = parse(data);
    if (!message) return;
    if (this.#onFirst) {
      this.#onFirst(message);
      this.#onFirst = undefined;
    } else if (this.#listener) this.#listener.onMessage(message);
    else if (!this.#closed) this.#waiting.push(message);
  }

  #lose(reason: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    clearInterval(this.#pingTimer);
    this.#onFirst?.(undefined);
    if (!this.#closed) this.#listener?.onLost(reason);
  }
}

function sensibleS(given: number, otherwise: number): number {
  return given > 0 ? Math.min(given, LONGEST_PING_S) : otherwise;
}

/** A message that cannot be read is dropped: newer servers may say what we do not know. */
function parse(data: Buffer): SignalResponseMessage | undefined {
  try {
    const { message } = SignalResponse.fromBinary(data);
    return message.case === undefined ? undefined : message;
  } catch {
    return undefined;
  }
}
