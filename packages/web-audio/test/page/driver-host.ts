import { type DriverEvent, isDataChannel, isRoomtoneError, type PublishedTrack, type RoomConnection, RoomtoneError } from "@roomtone/core";
import { liveKitDriver } from "@roomtone/web-audio";
import { ToneCapture } from "./tone-capture.js";

/** What crosses from the page to the test: everything as plain data. */
export type HostReport =
  | { readonly kind: "event"; readonly connection: number; readonly event: DriverEvent }
  | { readonly kind: "ended"; readonly track: string; readonly error: PlainError | undefined }
  | { readonly kind: "consumers"; readonly capture: number; readonly count: number };

export interface PlainError {
  readonly code: string | undefined;
  readonly message: string;
  readonly details: object;
}

export type TrackCall = "setMuted" | "unpublish" | "replace" | "reconfigure" | "networkSample";

declare global {
  var report: (report: unknown) => Promise<void>;
  var driverHost: DriverHost;
}

/** Runs the driver in the page for a test in Node that holds only names of connections, tracks and captures. */
export class DriverHost {
  readonly #driver = liveKitDriver();
  readonly #context = new AudioContext({ sampleRate: 48_000 });
  readonly #captures = new Map<number, ToneCapture>();
  readonly #connections = new Map<number, { connection: RoomConnection; readonly tracks: Map<string, PublishedTrack> }>();
  readonly #joining = new Map<number, AbortController>();

  connect(id: number, options: { url: string; token: string; subscribe: boolean }): Promise<unknown> {
    return plainly(async () => {
      const abort = new AbortController();
      this.#joining.set(id, abort);
      const on = (event: DriverEvent) => void report({ kind: "event", connection: id, event: plainEvent(event) });
      const connection = await this.#driver.connect({ ...options, on }, abort.signal);
      this.#connections.set(id, { connection, tracks: new Map() });
      const { room, localParticipant, participants } = connection;
      return { room, localParticipant, participants };
    });
  }

  abort(id: number): void {
    this.#joining.get(id)?.abort(new Error("aborted by the test"));
  }

  close(id: number): Promise<unknown> {
    return plainly(async () => this.#connections.get(id)?.connection.close());
  }

  openCapture(id: number, frequencyHz: number): void {
    this.#captures.set(id, new ToneCapture(this.#context, frequencyHz, (count) => void report({ kind: "consumers", capture: id, count })));
  }

  finishCapture(id: number, error?: { code: string; message: string }): void {
    this.#captures.get(id)?.finish(error ? new RoomtoneError(error.code as "internal", error.message) : undefined);
  }

  publish(id: number, captureId: number, key: string, options: Parameters<RoomConnection["publish"]>[1]): Promise<unknown> {
    return plainly(async () => {
      const { connection, tracks } = this.#of(id);
      const track = await connection.publish(this.#capture(captureId), options, new AbortController().signal);
      tracks.set(key, track);
      void track.ended.then((error) => report({ kind: "ended", track: key, error: error && plainError(error) }));
      return { id: track.id, sid: track.sid };
    });
  }

  track(id: number, key: string, what: TrackCall, argument?: unknown): Promise<unknown> {
    return plainly(async () => {
      const track = this.#of(id).tracks.get(key) as unknown as Record<string, (argument?: unknown) => Promise<unknown>>;
      return track[what]?.(what === "replace" ? this.#capture(argument as number) : argument);
    });
  }

  sendData(id: number, payload: number[], options: object): Promise<unknown> {
    return plainly(async () => {
      const { connection } = this.#of(id);
      if (isDataChannel(connection)) await connection.sendData(Uint8Array.from(payload), options);
    });
  }

  #of(id: number) {
    const open = this.#connections.get(id);
    if (!open) throw new Error("no such connection");
    return open;
  }

  #capture(id: number): ToneCapture {
    const capture = this.#captures.get(id);
    if (!capture) throw new Error("no such capture");
    return capture;
  }
}

async function plainly(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: plainError(error) };
  }
}

function plainError(error: unknown): PlainError {
  if (isRoomtoneError(error)) return { code: error.code, message: error.message, details: error.details };
  return { code: undefined, message: String(error), details: {} };
}

/** Bytes become numbers, and what only works in the page stays there. */
function plainEvent(event: DriverEvent): DriverEvent {
  return JSON.parse(JSON.stringify(event, (_key, value) => (value instanceof Uint8Array ? { bytes: [...value] } : value)));
}

globalThis.driverHost = new DriverHost();
