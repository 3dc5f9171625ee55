import {
  isEncodedCapture,
  isPcmCapture,
  type NetworkObservable,
  type NetworkSample,
  type OpusSettings,
  type PublishableCapture,
  type Reconfigurable,
  type Replaceable,
  RoomtoneError,
  toRoomtoneError,
} from "@roomtone/core";
import { createOpusEncoder } from "../opus/opus-encoder.js";
import { EncodingFeed, feedEncoded, type PacketSink } from "./packet-feed.js";
import type { OutgoingPacket, RtpOutput } from "./rtp-output.js";

const PRIMER_INTERVAL_MS = 20;
/**
 * A live source is heard from within a frame, and needs no silence before it. A listener plays the silence out first, so that what comes
 * in its middle would be late by the rest of it, for good.
 */
const PRIMER_PATIENCE_MS = 60;
/** "Muted sends nothing" counts from 500 ms after the publish: until then silence may introduce the track to the server. */
const PRIMER_PACKETS = 22;

/** A server that is told of a track's end while it still makes the track of its first packets keeps it: it gets time to finish. */
const REGISTRATION_MS = 150;

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
  readonly #parts: OpusTrackParts;
  #settleEnded: (error: RoomtoneError | undefined) => void = () => {};
  #muted: boolean;
  #feeding: { readonly stop: AbortController; readonly encodes: boolean } | undefined;
  #encoding: EncodingFeed | undefined;
  #primer: NodeJS.Timeout | undefined;
  #released = false;
  #startedMs = 0;
  #unpublishing: Promise<void> | undefined;

  constructor(parts: OpusTrackParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.sid = parts.sid;
    this.#muted = parts.muted;
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
  }

  get muted(): boolean {
    return this.#muted;
  }

  /** Begins to send. `encoding` is for PCM, and the track's to close. */
  start(capture: PublishableCapture, encoding: EncodingFeed | undefined): void {
    this.#encoding = encoding;
    this.#startedMs = performance.now();
    this.#prime();
    this.#feed(capture);
  }

  send(packet: OutgoingPacket): void {
    if (this.#primer) this.#endPrimer();
    this.#parts.output.send(packet);
  }

  skip(timestampUs: number, durationUs: number): void {
    if (!this.#primer) this.#parts.output.skip(timestampUs, durationUs);
  }

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
      throw new RoomtoneError("unsupported", "This track's audio comes encoded: its settings are those of the file or stream.");
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

  /** Stops sending; the capture stays open. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    clearInterval(this.#primer);
    this.#primer = undefined;
    this.#feeding?.stop.abort();
    this.#feeding = undefined;
    this.#encoding?.close();
    this.#parts.output.close();
  }

  async #unpublish(): Promise<void> {
    if (this.#released) return;
    const { output } = this.#parts;
    const registersMs = this.#startedMs + REGISTRATION_MS - performance.now();
    if (registersMs > 0 && !output.statistics.isReported) await new Promise((resolve) => setTimeout(resolve, registersMs));
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
    if (isPcmCapture(capture)) await this.#encoding?.run(capture, this, signal);
    else if (isEncodedCapture(capture)) await feedEncoded(capture, this, signal);
  }

  /** The server has a track from its first packet on, and the source may be late, muted, or at its end already. */
  #prime(): void {
    const { output } = this.#parts;
    let sent = 0;
    const sendOne = () => {
      output.sendSilence(sent);
      sent += 1;
      if (sent >= PRIMER_PACKETS || output.statistics.isReported) this.#endPrimer();
    };
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
