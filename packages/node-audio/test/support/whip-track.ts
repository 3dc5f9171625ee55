import type { DriverEvent, DriverPublishOptions, PublishableCapture, PublishedTrack, RoomConnection } from "@roomtone/core";
import { whipDriver } from "@roomtone/node-audio";
import { ExamPcmCapture } from "@roomtone/testing";
import type { RtcNodePeer } from "@roomtone/testing/rtc-node-peer";
import { type Hall, until } from "./hall.js";

/** What a LiveKit server calls whatever comes by WHIP. */
export const WHIP_TRACK = "synthesized-microphone";

/** A publisher by WHIP in a hall. */
export class WhipPublisher {
  /** What the driver told, over all joins. */
  readonly events: DriverEvent[] = [];
  readonly #hall: Hall;

  constructor(hall: Hall) {
    this.#hall = hall;
  }

  async join(): Promise<RoomConnection> {
    const token = await this.#hall.token("me");
    const options = { url: this.#hall.server.url, token, subscribe: false, on: (event: DriverEvent) => void this.events.push(event) };
    const joined = await whipDriver().connect(options, new AbortController().signal);
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

export function hearsWhip(peer: RtcNodePeer, frequencyHz = 440): Promise<void> {
  return until(`a peer hears ${frequencyHz} Hz`, async () => {
    const heard = await peer.hear("me", WHIP_TRACK, 300);
    return heard.level > 0.05 && Math.abs(heard.frequencyHz - frequencyHz) < 15;
  });
}
