import type { DriverEvent, DriverPublishOptions, PublishableCapture, PublishedTrack, RoomConnection, RoomDriver } from "@roomtone/core";
import { ExamPcmCapture } from "@roomtone/testing";
import type { Hall } from "./hall.js";

/** A publisher in a hall by a driver alone, with no session above it. */
export class DriverPublisher {
  /** What the driver told, over all joins. */
  readonly events: DriverEvent[] = [];
  readonly #hall: Hall;
  readonly #driver: RoomDriver;
  readonly #url: string;

  constructor(hall: Hall, driver: RoomDriver, url = hall.server.url) {
    this.#hall = hall;
    this.#driver = driver;
    this.#url = url;
  }

  async join({ token, subscribe = false }: { token?: string; subscribe?: boolean } = {}): Promise<RoomConnection> {
    const given = token ?? (await this.#hall.token("me"));
    const options = { url: this.#url, token: given, subscribe, on: (event: DriverEvent) => void this.events.push(event) };
    const joined = await this.#driver.connect(options, new AbortController().signal);
    return this.#hall.lifetime.own(joined, (connection) => connection.close());
  }

  tone(options: { frequencyHz?: number; channels?: 1 | 2 } = {}): ExamPcmCapture {
    return this.#hall.lifetime.own(new ExamPcmCapture(options), (capture) => capture.close());
  }
}

export function publishTrack(
  connection: RoomConnection,
  capture: PublishableCapture,
  options: Partial<DriverPublishOptions> = {},
): Promise<PublishedTrack> {
  const defaults = { trackId: "t", name: "t", source: "microphone", muted: false, opus: { discontinuousTransmission: false } } as const;
  return connection.publish(capture, { ...defaults, ...options }, new AbortController().signal);
}
