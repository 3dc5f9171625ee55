import {
  DataChannelInfo,
  DataChannelReceiveState,
  type JoinResponse,
  type LeaveRequest,
  LeaveRequest_Action,
  SessionDescription,
  SignalTarget,
  SyncState,
  UpdateSubscription,
  type ParticipantInfo as VendorParticipant,
} from "@livekit/protocol";
import {
  type AbortSignalLike,
  type DataChannel,
  type DisconnectReason,
  type DriverEvent,
  type DriverPublishOptions,
  type ParticipantInfo,
  type PublishableCapture,
  type PublishedTrack,
  type RemoteParticipantState,
  type RoomInfo,
  RoomtoneError,
  type SendDataOptions,
} from "@roomtone/core";
import { DataMessages } from "./data-messages.js";
import { sendOverChannel } from "./data-sending.js";
import { LastWord } from "./last-word.js";
import type { MediaLink } from "./media-link.js";
import { OwnTracks } from "./own-tracks.js";
import { otherRegion, toDisconnectReason } from "./protocol-mapping.js";
import { RoomRoster } from "./room-roster.js";
import type { SignalClient, SignalRequestMessage, SignalResponseMessage } from "./signal-client.js";
import { SubscriberLink } from "./subscriber-link.js";

/** `close()` is bounded by 500 ms even where nothing answers. */
const CLOSE_BOUND_MS = 450;

export interface ConnectionOptions {
  /** Where we joined. */
  readonly url: string;
  readonly link: MediaLink;
  /** The server has the link's first offer from the join. */
  readonly offered: boolean;
  readonly iceTransportPolicy: "all" | "relay";
  readonly loopback: boolean;
  readonly on: (event: DriverEvent) => void;
  /** Opens the signalling of the same session again, once. Rejects where that cannot be. */
  reopen(participantSid: string): Promise<SignalClient>;
  onToken(token: string): void;
}

/** A participant in a room: signalling, media, and what goes on between them. */
export class OpusConnection implements DataChannel {
  readonly room: RoomInfo;
  readonly localParticipant: ParticipantInfo;
  readonly participants: readonly RemoteParticipantState[];
  readonly #options: ConnectionOptions;
  readonly #join: JoinResponse;
  readonly #roster: RoomRoster;
  readonly #link: MediaLink;
  readonly #tracks: OwnTracks;
  readonly #data = new DataMessages();
  #subscriber: SubscriberLink | undefined;
  #signal: SignalClient;
  #phase: "open" | "interrupted" | "over" = "open";
  #closing: Promise<void> | undefined;
  readonly #lastWord = new LastWord();

  constructor(signal: SignalClient, join: JoinResponse, options: ConnectionOptions) {
    this.#options = options;
    this.#join = join;
    this.#signal = signal;
    this.#roster = new RoomRoster(join, (event) => this.#tell(event));
    this.room = this.#roster.room;
    this.localParticipant = this.#roster.localParticipant;
    this.participants = this.#roster.participants;
    const send = (message: SignalRequestMessage) => this.#signal.send(message);
    const giveUp = () => this.#end("connection-lost", { tellServer: true });
    const onLost = () => (this.#phase === "open" ? this.#lastWord.wait(giveUp) : giveUp());
    this.#link = options.link;
    this.#link.onData((data) => this.#receiveData(data));
    this.#tracks = new OwnTracks({
      link: this.#link,
      permission: () => this.#roster.permission,
      send,
      tell: (event) => this.#tell(event),
    });
    this.#listen();
    // The way for media is made ready now: whoever publishes next does not wait for it, and data needs it anyway.
    this.#link.begin({ iceServers: join.iceServers, offered: options.offered, send, onLost }).catch(giveUp);
  }

  async publish(capture: PublishableCapture, options: DriverPublishOptions, signal: AbortSignalLike): Promise<PublishedTrack> {
    signal.throwIfAborted();
    this.#checkOpen();
    // Whoever publishes learns of the connection's end before it learns that the track failed by it.
    const track = await this.#tracks.publish(capture, options, signal).catch(async (error: unknown) => {
      await this.#lastWord.said;
      throw error;
    });
    if (this.#phase !== "over") return track;
    track.release();
    throw new RoomtoneError("server-unreachable", "The connection ended while the track was published.", { retryable: true });
  }

  async sendData(payload: Uint8Array, options: SendDataOptions): Promise<void> {
    this.#checkOpen();
    if (this.#roster.permission?.canPublishData === false) {
      const message = "The token does not allow us to send data: it needs the grant canPublishData.";
      throw new RoomtoneError("grant-missing", message, { grant: "canPublishData" });
    }
    const channel = (options.reliable ?? true) ? this.#link.reliable : this.#link.lossy;
    await sendOverChannel(channel, () => this.#data.encode(payload, options));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #listen(): void {
    this.#signal.keepAlive(this.#join);
    this.#signal.listen({
      onMessage: (message) => this.#receive(message),
      onLost: (reason) => void this.#resume(reason),
    });
  }

  #receive(message: SignalResponseMessage): void {
    if (this.#phase === "over") return;
    switch (message.case) {
      case "answer":
        this.#link.answered(message.value.id, message.value.sdp);
        break;
      case "offer":
        this.#subscriberLink().offered(message.value);
        break;
      case "trickle": {
        const target = message.value.target === SignalTarget.SUBSCRIBER ? this.#subscriberLink() : this.#link;
        void target.addCandidate(message.value.candidateInit);
        break;
      }
      case "trackPublished":
        this.#tracks.accepted(message.value);
        break;
      case "requestResponse":
        this.#tracks.refused(message.value);
        break;
      case "trackUnpublished":
        this.#tracks.lost(message.value.trackSid);
        break;
      case "mute":
        this.#tracks.mutedByServer(message.value.sid, message.value.muted);
        break;
      case "update":
        this.#updateParticipants(message.value.participants);
        break;
      case "speakersChanged":
        this.#roster.updateSpeakers(message.value.speakers);
        break;
      case "connectionQuality":
        this.#roster.updateQuality(message.value.updates);
        break;
      case "roomUpdate":
        if (message.value.room) this.#roster.updateRoom(message.value.room);
        break;
      case "refreshToken":
        this.#options.onToken(message.value);
        this.#tell({ type: "token-refreshed", token: message.value });
        break;
      case "leave":
        this.#leaveAsTold(message.value);
        break;
      default:
        break; // pongs are counted as signs of life before, and the rest is about what we do not do
    }
  }

  #updateParticipants(participants: readonly VendorParticipant[]): void {
    this.#roster.updateParticipants(participants);
    const ourselves = participants.find(({ sid }) => sid === this.localParticipant.sid);
    if (ourselves) this.#tracks.listed(ourselves.tracks.map(({ sid }) => sid));
  }

  #leaveAsTold(leave: LeaveRequest): void {
    if (leave.action === LeaveRequest_Action.RESUME) void this.#resume("the server asked for it");
    else if (leave.action === LeaveRequest_Action.RECONNECT || leave.canReconnect) {
      const url = otherRegion(leave, this.#options.url);
      this.#end("rejoin-requested", url === undefined ? {} : { url });
    } else this.#end(toDisconnectReason(leave.reason));
  }

  /** The one attempt to take up the session where the signalling broke and media may still flow. */
  async #resume(reason: string): Promise<void> {
    if (this.#phase !== "open") return;
    if (!this.#link.isConnected) {
      this.#end("connection-lost");
      return;
    }
    this.#phase = "interrupted";
    this.#tell({ type: "interrupted", reason });
    void this.#signal.close();
    this.#link.interrupted();
    this.#tracks.interrupted();
    // A server that gave the session up while we slept lets the signalling in again, and takes no media.
    const [reopened, flows] = await Promise.all([
      this.#options.reopen(this.localParticipant.sid).catch(() => undefined),
      this.#link.reachesServer(),
    ]);
    if ((this.#phase as string) !== "interrupted" || !reopened || !flows) {
      void reopened?.close();
      this.#end("connection-lost");
      return;
    }
    this.#signal = reopened;
    this.#phase = "open";
    this.#sendSyncState();
    this.#tracks.reassert();
    this.#tell({ type: "resumed" });
    this.#listen();
  }

  #sendSyncState(): void {
    const { reliable, lossy, descriptions } = this.#link;
    if (!descriptions) return;
    this.#signal.send({
      case: "syncState",
      value: new SyncState({
        offer: new SessionDescription({ type: "offer", sdp: descriptions.offer }),
        answer: new SessionDescription({ type: "answer", sdp: descriptions.answer }),
        subscription: new UpdateSubscription({ subscribe: false }),
        publishTracks: this.#tracks.descriptions,
        dataChannels: [reliable, lossy].map(({ label, id }) => new DataChannelInfo({ label, id, target: SignalTarget.PUBLISHER })),
        datachannelReceiveStates: this.#data.receiveStates.map((state) => new DataChannelReceiveState(state)),
      }),
    });
  }

  #receiveData(data: Buffer): void {
    const message = this.#data.decode(data);
    if (!message) return;
    const { payload, topic, identity } = message;
    this.#tell({ type: "data-received", payload, topic, participant: this.#roster.withIdentity(identity) });
  }

  #subscriberLink(): SubscriberLink {
    this.#subscriber ??= new SubscriberLink({
      ...this.#options,
      iceServers: this.#join.iceServers,
      send: (message) => this.#signal.send(message),
      onData: (data) => this.#receiveData(data),
    });
    return this.#subscriber;
  }

  #checkOpen(): void {
    if (this.#phase === "over") throw new RoomtoneError("server-unreachable", "The connection is over.", { retryable: true });
  }

  #tell(event: DriverEvent): void {
    if (this.#phase !== "over") this.#options.on(event);
  }

  /** The connection is over without our doing: lets go of everything, and says why last. */
  #end(reason: DisconnectReason, { tellServer = false, url }: { readonly tellServer?: boolean; readonly url?: string } = {}): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    if (tellServer) this.#signal.sendLeave();
    this.#closing = this.#release();
    this.#options.on({ type: "disconnected", reason, ...(url === undefined ? {} : { url }) });
  }

  async #close(): Promise<void> {
    this.#phase = "over";
    this.#signal.sendLeave();
    await this.#release();
  }

  async #release(): Promise<void> {
    this.#lastWord.end();
    this.#tracks.release();
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_BOUND_MS);
    });
    const released = Promise.all([this.#signal.close(), this.#link.close(), this.#subscriber?.close()]);
    await Promise.race([released, bound]);
    clearTimeout(timer);
  }
}
