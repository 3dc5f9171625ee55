import {
  type EncodedCapture,
  type EncodedPacket,
  type FramesOptions,
  isEncodedCapture,
  isPcmCapture,
  isTrackCapture,
  type NetworkObservable,
  type NetworkSample,
  type OpusSettings,
  type PublishableCapture,
  type Reconfigurable,
  type Replaceable,
  RoomtoneError,
  toRoomtoneError,
} from "@roomtone/core";
import { EncodingFeed, type PacketSink } from "../encoding/encoding-feed.js";
import { createOpusEncoder } from "../opus/opus-encoder.js";
import type { RtpOutput } from "./rtp-output.js";

const PRIMER_INTERVAL_MS = 20;
/**
 * A live source is heard from within a frame, and needs no silence before it. A listener plays the silence out first, so that what comes
 * in its middle would be late by the rest of it, for good.
 */
const PRIMER_PATIENCE_MS = 60;

/** A packet of that size or less is discontinuous transmission's "nothing to say": it is not sent. */
const DTX_PACKET_BYTES = 2;
/** What waits longer is dropped: after a stall of this process the newest 60 ms are sent, and the receiver stretches to them. */
const LIVE_CAPACITY_MS = 60;

export interface OpusTrackParts {
  readonly id: string;
  readonly sid: string;
  readonly muted: boolean;
  /** What the track was published with; for an encoded capture, what a later PCM capture would be encoded with. */
  readonly settings: OpusSettings;
  readonly output: RtpOutput;
  /** Tells the server, if it can be told now. */
  sendMute(sid: string, muted: boolean): void;
  /** Takes the track out of the connection; resolves when the server knows. */
  remove(track: OpusTrack): Promise<void>;
}

/** A published track: what feeds it now, and its mute. */
export class OpusTrack implements Replaceable, Reconfigurable, NetworkObservable, PacketSink {
  readonly id: string;
  readonly sid: string;
  readonly ended: Promise<RoomtoneError | undefined>;
  /** Resolves when the server has the track, and everybody sees it; rejects where it is gone before. */
  readonly listed: Promise<void>;
  readonly #parts: OpusTrackParts;
  #settleEnded: (error: RoomtoneError | undefined) => void = () => {};
  #listing: { settle(): void; fail(error: RoomtoneError): void } = { settle: () => {}, fail: () => {} };
  #muted: boolean;
  #feeding: { readonly stop: AbortController; readonly encodes: boolean } | undefined;
  #encoding: EncodingFeed | undefined;
  #primer: NodeJS.Timeout | undefined;
  #released = false;
  #unpublishing: Promise<void> | undefined;

  constructor(parts: OpusTrackParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.sid = parts.sid;
    this.#muted = parts.muted;
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
    this.listed = new Promise((settle, fail) => {
      this.#listing = { settle, fail };
    });
    this.listed.catch(() => {}); // told to whoever publishes, if anybody still does
  }

  get muted(): boolean {
    return this.#muted;
  }

  /** Begins to send. `encoding` is for PCM, and the track's to close. */
  start(capture: PublishableCapture, encoding: EncodingFeed | undefined): void {
    this.#encoding = encoding;
    // A server that does not tell us what it lists reports on the track all the same, once a second.
    void this.#parts.output.reported.then(() => this.markListed());
    this.#prime();
    this.#feed(capture);
  }

  markListed(): void {
    this.#listing.settle();
    if (this.#primer) this.#endPrimer();
  }

  send(packet: EncodedPacket): void {
    if (packet.payload.length <= DTX_PACKET_BYTES) {
      this.skip(packet.timestampUs, packet.durationUs);
      return;
    }
    if (this.#primer) this.#endPrimer();
    this.#parts.output.send(packet);
  }

  skip(timestampUs: number, durationUs: number): void {
    if (!this.#primer) this.#parts.output.skip(timestampUs, durationUs);
  }

  /** The network waits for nobody. */
  async room(): Promise<void> {}

  async setMuted(muted: boolean): Promise<void> {
    if (this.#released) return;
    this.#muted = muted;
    this.#parts.sendMute(this.sid, muted);
  }

  /** The server muted us, and knows. */
  mutedByServer(muted: boolean): boolean {
    const changed = this.#muted !== muted;
    this.#muted = muted;
    return changed;
  }

  async replace(capture: PublishableCapture): Promise<void> {
    if (this.#released) throw new RoomtoneError("server-unreachable", "The track is not published any more.");
    if (isEncodedCapture(capture) && capture.format.channels > this.#parts.settings.channels) {
      throw new RoomtoneError("unsupported", "A track published in mono cannot go on in stereo: unpublish, and publish the stereo one.");
    }
    if (isPcmCapture(capture)) this.#encoding ??= new EncodingFeed(await createOpusEncoder(this.#parts.settings));
    else if (!isEncodedCapture(capture)) throw unsupportedCapture();
    if (this.#released) return;
    this.#parts.output.restart();
    this.#feed(capture);
  }

  async reconfigure(settings: Partial<OpusSettings>): Promise<void> {
    if (this.#released) return;
    if (!this.#encoding || this.#feeding?.encodes === false) {
      throw new RoomtoneError(
        "unsupported",
        "This track's audio comes encoded: settings change where it is encoded, and those of a file stay as they are.",
      );
    }
    await this.#encoding.reconfigure(settings, this.#feeding !== undefined);
  }

  async networkSample(): Promise<NetworkSample> {
    return this.#parts.output.sample();
  }

  unpublish(): Promise<void> {
    this.#unpublishing ??= this.#unpublish();
    return this.#unpublishing;
  }

  /** Sends no more audio; the capture stays open. */
  stopFeeding(): void {
    this.#feeding?.stop.abort();
    this.#feeding = undefined;
  }

  /** Stops sending, and lets go of everything but the capture. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    clearInterval(this.#primer);
    this.#primer = undefined;
    this.stopFeeding();
    this.#listing.fail(new RoomtoneError("server-unreachable", "The track was gone before others saw it.", { retryable: true }));
    this.#encoding?.close();
    this.#parts.output.close();
  }

  async #unpublish(): Promise<void> {
    if (this.#released) return;
    this.release();
    await this.#parts.remove(this);
  }

  #feed(capture: PublishableCapture): void {
    this.#feeding?.stop.abort();
    const stop = new AbortController();
    const encodes = isPcmCapture(capture);
    this.#feeding = { stop, encodes };
    const running = this.#run(capture, stop.signal);
    const finish = (error: RoomtoneError | undefined) => {
      if (stop.signal.aborted) return;
      this.#feeding = undefined;
      this.#settleEnded(error);
    };
    running.then(
      () => finish(undefined),
      (error: unknown) => finish(toRoomtoneError(error)),
    );
  }

  async #run(capture: PublishableCapture, signal: AbortSignal): Promise<void> {
    const capacity = isTrackCapture(capture) || capture.overflow === "wait" ? {} : { capacityMs: LIVE_CAPACITY_MS };
    if (isPcmCapture(capture)) await this.#encoding?.run(capture, this, { signal, ...capacity });
    else if (isEncodedCapture(capture)) await this.#pass(capture, { signal, ...capacity });
  }

  /** Sends the packets of an encoded capture as they are, until its end or the signal. */
  async #pass(capture: EncodedCapture, options: FramesOptions & { readonly signal: AbortSignal }): Promise<void> {
    for await (const packet of capture.packets(options)) {
      if (options.signal.aborted) return;
      if (this.#muted) this.skip(packet.timestampUs, packet.durationUs);
      else this.send(packet);
    }
  }

  /** Servers may list a track from its first packet on only, and the source may be late, muted, or at its end already. */
  #prime(): void {
    let sent = 0;
    const sendOne = () => this.#parts.output.sendSilence(sent++);
    const begin = () => {
      this.#primer = setInterval(sendOne, PRIMER_INTERVAL_MS);
      sendOne();
    };
    if (this.#muted) begin();
    else this.#primer = setTimeout(begin, PRIMER_PATIENCE_MS);
  }

  #endPrimer(): void {
    clearInterval(this.#primer);
    this.#primer = undefined;
    this.#parts.output.restart();
  }
}

export function unsupportedCapture(): RoomtoneError {
  return new RoomtoneError("unsupported", "This driver publishes PCM, or audio that is Opus already.");
}
