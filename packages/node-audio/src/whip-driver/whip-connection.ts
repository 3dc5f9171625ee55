import {
  type AbortSignalLike,
  type DisconnectReason,
  type DriverEvent,
  type DriverPublishOptions,
  isPcmCapture,
  type ParticipantInfo,
  type PublishableCapture,
  type PublishedTrack,
  type RemoteParticipantState,
  type RoomConnection,
  type RoomInfo,
  RoomtoneError,
} from "@roomtone/core";
import { EncodingFeed } from "../encoding/encoding-feed.js";
import { createOpusEncoder } from "../opus/opus-encoder.js";
import { OpusTrack } from "../opus-driver/opus-track.js";
import { settingsFor } from "../opus-driver/own-tracks.js";
import type { SessionEnd } from "./whip-peer.js";
import type { WhipSession } from "./whip-session.js";

export interface WhipConnectionOptions {
  readonly room: RoomInfo;
  readonly localParticipant: ParticipantInfo;
  readonly on: (event: DriverEvent) => void;
  /** Opens another session, once an unpublish has ended the one before. */
  open(onEnd: (end: SessionEnd) => void, signal: AbortSignalLike): Promise<WhipSession>;
  /** The server ended a session that we did not. */
  onEndedByServer(): void;
}

/** A publisher at a WHIP server. WHIP tells of nobody else, and has no words for names, sources, mute or data. */
export class WhipConnection implements RoomConnection {
  readonly room: RoomInfo;
  readonly localParticipant: ParticipantInfo;
  readonly participants: readonly RemoteParticipantState[] = [];
  readonly #options: WhipConnectionOptions;
  #session: WhipSession | undefined;
  #track: OpusTrack | undefined;
  #publishing = false;
  #warned = false;
  #over = false;
  #closing: Promise<void> | undefined;

  private constructor(options: WhipConnectionOptions) {
    this.#options = options;
    this.room = options.room;
    this.localParticipant = options.localParticipant;
  }

  /** Opens the first session, so that a refusal is known before anything is published. */
  static async open(options: WhipConnectionOptions, signal: AbortSignalLike): Promise<WhipConnection> {
    const connection = new WhipConnection(options);
    await connection.#openSession(signal);
    return connection;
  }

  async publish(capture: PublishableCapture, options: DriverPublishOptions, signal: AbortSignalLike): Promise<PublishedTrack> {
    signal.throwIfAborted();
    if (this.#over) throw over();
    if (this.#track || this.#publishing) {
      throw new RoomtoneError("unsupported", "WHIP carries one audio track. Publish the others over connections of their own.");
    }
    if (options.source !== "microphone" && options.source !== "unknown") {
      throw new RoomtoneError("unsupported", `WHIP cannot say that a track is a ${options.source}. Leave the source out.`);
    }
    this.#publishing = true;
    try {
      return await this.#publish(capture, options, signal);
    } finally {
      this.#publishing = false;
    }
  }

  close(): Promise<void> {
    this.#over = true;
    this.#closing ??= this.#release();
    return this.#closing;
  }

  async #publish(capture: PublishableCapture, options: DriverPublishOptions, signal: AbortSignalLike): Promise<PublishedTrack> {
    const settings = settingsFor(capture, options);
    const session = this.#session ?? (await this.#openSession(signal));
    if (settings.channels === 2 && !session.takesStereo) {
      const message = "This server wants mono: what is sent in stereo comes out in mono there. Publish one channel.";
      throw new RoomtoneError("unsupported", message, { setting: "channels" });
    }
    const encoding = isPcmCapture(capture) ? new EncodingFeed(await createOpusEncoder(settings)) : undefined;
    if (this.#over || signal.aborted || this.#session !== session) {
      encoding?.close();
      signal.throwIfAborted();
      throw over();
    }
    const track = new OpusTrack({
      id: options.trackId,
      sid: session.trackId,
      muted: options.muted,
      settings,
      output: session.createOutput(settings.channels),
      sendMute: (_sid, muted) => this.#muted(muted),
      remove: () => this.#removed(),
    });
    this.#track = track;
    if (options.muted) this.#muted(true);
    track.start(capture, encoding);
    return track;
  }

  async #openSession(signal: AbortSignalLike): Promise<WhipSession> {
    let ended: SessionEnd | undefined;
    let opened: WhipSession | undefined;
    const onEnd = (end: SessionEnd) => {
      ended ??= end;
      if (opened && this.#session === opened) this.#ended(end);
    };
    opened = await this.#options.open(onEnd, signal);
    if (this.#over || ended !== undefined) {
      await opened.close();
      throw over();
    }
    this.#session = opened;
    return opened;
  }

  /** Nothing is sent, which is all that can be done; a person has to know that nobody sees why. */
  #muted(muted: boolean): void {
    if (!muted || this.#warned) return;
    this.#warned = true;
    this.#tell({ type: "warning", message: "Muted: nothing is sent. WHIP cannot show that to others: to them the track is only silent." });
  }

  /** WHIP has no way to take a track out of a session: the session goes with it. */
  async #removed(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#track = undefined;
    await session?.close();
  }

  #ended(end: SessionEnd): void {
    if (this.#over) return;
    this.#over = true;
    if (end === "ended-by-server") this.#options.onEndedByServer();
    const reason: DisconnectReason = end === "ended-by-server" ? "unknown" : "connection-lost";
    this.#closing ??= this.#release();
    this.#options.on({ type: "disconnected", reason });
  }

  async #release(): Promise<void> {
    this.#track?.release();
    this.#track = undefined;
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }

  #tell(event: DriverEvent): void {
    if (!this.#over) this.#options.on(event);
  }
}

function over(): RoomtoneError {
  return new RoomtoneError("server-unreachable", "The connection is over.", { retryable: true });
}
