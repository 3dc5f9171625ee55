import {
  type CaptureEvent,
  type DataChannel,
  type DriverEvent,
  type NetworkObservable,
  type NetworkSample,
  type PublishableCapture,
  type Reconfigurable,
  type Replaceable,
  type RoomConnection,
  type RoomDriver,
  RoomtoneError,
  type TrackCapture,
  whenAborted,
} from "@roomtone/core";
import type { ExamCapture } from "@roomtone/testing";
import type { Page } from "playwright-core";
import type { HostReport, PlainError, TrackCall } from "./page/driver-host.js";

type Answer<Value> = { readonly value: Value } | { readonly error: PlainError };

/** The driver as it runs in a page, seen from Node: every call, event and error crosses over; sound stays in the page. */
export class BrowserDriver {
  readonly driver: RoomDriver;
  readonly #page: Page;
  readonly #sinks = new Map<number, (event: DriverEvent) => void>();
  readonly #ends = new Map<string, (error: RoomtoneError | undefined) => void>();
  readonly #captures = new Map<number, PageCapture>();
  #count = 0;

  private constructor(page: Page) {
    this.#page = page;
    this.driver = {
      name: "livekit-client",
      canSubscribe: true,
      adapts: ["bitrateBps"],
      connect: (options, signal) => this.#connect(options, signal),
    };
  }

  /** Takes over `page`, which runs `driver-host` as soon as it is opened at `address`. */
  static async open(page: Page, address: string): Promise<BrowserDriver> {
    const driver = new BrowserDriver(page);
    await page.exposeFunction("report", (report: HostReport) => driver.#take(report));
    await page.goto(address);
    return driver;
  }

  capture(frequencyHz: number): ExamCapture {
    const id = ++this.#count;
    const opened = this.#page.evaluate(([captureId, hz]) => driverHost.openCapture(captureId, hz), [id, frequencyHz] as const);
    const finish = (error?: Error) => {
      const plain = error && { code: (error as RoomtoneError).code, message: error.message };
      return this.#page.evaluate(([captureId, failure]) => driverHost.finishCapture(captureId, failure ?? undefined), [id, plain] as const);
    };
    const capture = new PageCapture(id, opened, finish);
    this.#captures.set(id, capture);
    return capture as unknown as ExamCapture;
  }

  #take(report: HostReport): void {
    if (report.kind === "event") this.#sinks.get(report.connection)?.(revive(report.event));
    else if (report.kind === "ended") this.#ends.get(report.track)?.(report.error && reviveError(report.error));
    else {
      const capture = this.#captures.get(report.capture);
      if (capture) capture.openConsumers = report.count;
    }
  }

  async #connect(options: Parameters<RoomDriver["connect"]>[0], signal: Parameters<RoomDriver["connect"]>[1]): Promise<RoomConnection> {
    const id = ++this.#count;
    const { url, token, subscribe } = options;
    this.#sinks.set(id, options.on);
    const joining = this.#page.evaluate(([connectionId, wanted]) => driverHost.connect(connectionId, wanted), [
      id,
      { url, token, subscribe },
    ] as const);
    const stop = whenAborted(signal, () => void this.#page.evaluate((connectionId) => driverHost.abort(connectionId), id));
    try {
      const facts = unwrap(await (joining as Promise<Answer<Pick<RoomConnection, "room" | "localParticipant" | "participants">>>));
      return this.#connection(id, facts);
    } catch (error) {
      this.#sinks.delete(id);
      signal.throwIfAborted();
      throw error;
    } finally {
      stop();
    }
  }

  #connection(id: number, facts: Pick<RoomConnection, "room" | "localParticipant" | "participants">): DataChannel {
    const page = this.#page;
    return {
      ...facts,
      publish: async (capture, options) => {
        const pageCapture = capture as unknown as PageCapture;
        await pageCapture.opened;
        const key = `${id}/${++this.#count}`;
        const ended = new Promise<RoomtoneError | undefined>((resolve) => this.#ends.set(key, resolve));
        const { signal: _signal, ...plain } = { signal: undefined, ...options };
        const answer = await page.evaluate(
          ([connectionId, captureId, trackKey, wanted]) => driverHost.publish(connectionId, captureId, trackKey, wanted),
          [id, pageCapture.id, key, plain] as const,
        );
        return this.#track(id, key, ended, unwrap(answer as Answer<{ id: string; sid: string }>));
      },
      sendData: async (payload, options) => {
        const message = { id, bytes: [...payload], options: { ...options, to: [...(options.to ?? [])] } };
        unwrap((await page.evaluate((sent) => driverHost.sendData(sent.id, sent.bytes, sent.options), message)) as Answer<void>);
      },
      close: async () => unwrap((await page.evaluate((connectionId) => driverHost.close(connectionId), id)) as Answer<void>),
    };
  }

  #track(
    id: number,
    key: string,
    ended: Promise<RoomtoneError | undefined>,
    facts: { id: string; sid: string },
  ): Replaceable & Reconfigurable & NetworkObservable {
    const call = async (what: TrackCall, argument?: unknown) =>
      unwrap(
        (await this.#page.evaluate(([connectionId, trackKey, method, value]) => driverHost.track(connectionId, trackKey, method, value), [
          id,
          key,
          what,
          argument,
        ] as const)) as Answer<unknown>,
      );
    return {
      ...facts,
      ended,
      setMuted: async (muted) => void (await call("setMuted", muted)),
      unpublish: async () => void (await call("unpublish")),
      replace: async (capture: PublishableCapture) => {
        const pageCapture = capture as unknown as PageCapture;
        await pageCapture.opened;
        await call("replace", pageCapture.id);
      },
      reconfigure: async (settings) => void (await call("reconfigure", settings)),
      networkSample: async () => (await call("networkSample")) as NetworkSample,
    };
  }
}

/** The name of a capture in the page, with what the exam asks of it. */
class PageCapture implements Omit<TrackCapture, "track" | "onTrack" | "ended"> {
  readonly source = { kind: "tone", label: "a tone in the page" } as const;
  readonly format = { sampleRateHz: 48_000, channels: 1 } as const;
  readonly id: number;
  readonly opened: Promise<void>;
  openConsumers = 0;
  isClosed = false;
  readonly #finish: (error?: Error) => Promise<void>;

  constructor(id: number, opened: Promise<void>, finish: (error?: Error) => Promise<void>) {
    this.id = id;
    this.opened = opened;
    this.#finish = finish;
  }

  on(_listener: (event: CaptureEvent) => void): () => void {
    return () => {};
  }

  finish(error?: Error): void {
    void this.#finish(error);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.#finish();
  }
}

function unwrap<Value>(answer: Answer<Value>): Value {
  if ("error" in answer) throw reviveError(answer.error);
  return answer.value;
}

function reviveError({ code, message, details }: PlainError): RoomtoneError {
  if (code === undefined) throw new Error(message);
  return new RoomtoneError(code as "internal", message, details);
}

function revive(event: DriverEvent): DriverEvent {
  if (event.type !== "data-received") return event;
  const { bytes } = event.payload as unknown as { bytes: number[] };
  return { ...event, payload: Uint8Array.from(bytes) };
}
