import type { AbortSignalLike, DriverConnectOptions, NetworkSample, RoomDriver } from "@roomtone/core";
import { RoomtoneError } from "@roomtone/core";
import { FakeConnection } from "./fake-connection.js";
import { type FakeOperation, type FaultPlan, withFault } from "./fake-faults.js";
import type { FakeServer } from "./fake-server.js";

export interface FakeDriverOptions {
  readonly name?: string;
  readonly canSubscribe?: boolean;
  /** Default: all four where `reconfigure` is there, else none. */
  readonly adapts?: RoomDriver["adapts"];
  /** Default true, all three: what its tracks and connections can do besides. */
  readonly replace?: boolean;
  readonly reconfigure?: boolean;
  readonly networkSamples?: boolean;
  readonly data?: boolean;
  readonly faults?: FaultPlan;
  /** A connection closed while it was interrupted joins again by itself so much later, once, as a vendor's leftover does. */
  readonly ghostAfterMs?: number;
}

const adaptable: RoomDriver["adapts"] = ["bitrateBps", "forwardErrorCorrection", "expectedPacketLossPercent", "frameDurationMs"];

/** A `RoomDriver` into a `FakeServer`, which counts what a session must not do. */
export class FakeDriver implements RoomDriver {
  readonly name: string;
  readonly canSubscribe: boolean;
  readonly adapts: RoomDriver["adapts"];
  readonly server: FakeServer;
  readonly options: FakeDriverOptions;
  /** Changes what befalls operations from now on. */
  faults: FaultPlan;
  /** What its tracks' readings say of the network, from now on. */
  network: Partial<NetworkSample> = {};
  /** Every connection that was made, oldest first. */
  readonly connections: FakeConnection[] = [];
  /** Tokens that `connect` was called with, in order. */
  readonly tokens: string[] = [];
  /** Where `connect` went, in order. */
  readonly urls: string[] = [];
  /** When `connect` was called, in milliseconds of the server's time. */
  readonly connectTimesMs: number[] = [];
  /** What a session did that it must not: two operations on a track at once, two connections of its own at once. */
  readonly violations: string[] = [];
  readonly #inFlight = new Set<string>();
  #connecting = 0;

  constructor(server: FakeServer, options: FakeDriverOptions = {}) {
    this.server = server;
    this.options = options;
    this.name = options.name ?? "fake";
    this.canSubscribe = options.canSubscribe ?? true;
    this.adapts = options.adapts ?? (options.reconfigure === false ? [] : adaptable);
    this.faults = options.faults ?? (() => undefined);
  }

  /** Connections that were neither closed nor ended. */
  get openConnections(): number {
    return this.connections.filter((connection) => connection.isOpen).length + this.#connecting;
  }

  /** The newest connection. */
  get current(): FakeConnection | undefined {
    return this.connections.at(-1);
  }

  async connect(options: DriverConnectOptions, signal: AbortSignalLike): Promise<FakeConnection> {
    this.tokens.push(options.token);
    this.urls.push(options.url);
    this.connectTimesMs.push(this.server.time.nowMs());
    if (this.openConnections > 0) this.violations.push("connect while another connection of ours is open");
    if (options.subscribe && !this.canSubscribe) throw new RoomtoneError("unsupported", "This driver does not subscribe.");
    this.#connecting += 1;
    try {
      await this.server.answering(signal);
      const connection = await withFault(this.server.time, this.faults({ kind: "connect", identity: "" }), signal, () => {
        if (options.url !== this.server.url) throw new RoomtoneError("server-unreachable", "Nothing answers at this address.");
        return new FakeConnection(this, options);
      });
      this.connections.push(connection);
      return connection;
    } finally {
      this.#connecting -= 1;
    }
  }

  /** Carries out one operation on a track, and notes where it overlaps another. */
  async onTrack<T>(operation: FakeOperation, key: string, signal: AbortSignalLike | undefined, action: () => T): Promise<Awaited<T>> {
    if (this.#inFlight.has(key)) this.violations.push(`${operation.kind} of ${key} while another operation is under way`);
    this.#inFlight.add(key);
    try {
      if (operation.kind !== "sample") await this.server.answering(signal); // Statistics are the driver's own.
      return await withFault(this.server.time, this.faults(operation), signal, action);
    } finally {
      this.#inFlight.delete(key);
    }
  }
}
