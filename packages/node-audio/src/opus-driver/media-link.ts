import { type ICEServer, SessionDescription, SignalTarget, TrickleRequest } from "@livekit/protocol";
import { RoomtoneError } from "@roomtone/core";
import {
  MediaStream,
  MediaStreamTrack,
  type RTCDataChannel,
  RTCPeerConnection,
  type RTCRtpTransceiver,
  useAudioLevelIndication,
  useNACK,
  useOPUS,
  useSdesMid,
} from "werift";
import { ANSWER_DEADLINE_MS, bounded } from "./bounded.js";
import { hearEarlyHandshake } from "./early-handshake.js";
import { forgetDefaultStunServer, iceServersForWerift } from "./ice-servers.js";
import { RemoteCandidates } from "./remote-candidates.js";
import { prepareSessionKeys } from "./session-keys.js";
import type { SignalRequestMessage } from "./signal-client.js";

const AUDIO_LEVEL_EXTENSION = /^a=extmap:(\d+)\S* urn:ietf:params:rtp-hdrext:ssrc-audio-level/m;
/** What the server may do with our packets: their settings are our encoder's, whatever the description says. */
const OPUS_PARAMETERS = "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1";

export interface MediaLinkOptions {
  readonly iceServers: readonly ICEServer[];
  readonly iceTransportPolicy: "all" | "relay";
  readonly loopback: boolean;
  send(message: SignalRequestMessage): boolean;
  /** The media's way is gone, and does not come back. */
  onLost(reason: string): void;
}

/** The peer connection that carries what we publish, and data both ways. */
export class MediaLink {
  readonly reliable: RTCDataChannel;
  readonly lossy: RTCDataChannel;
  readonly #peer: RTCPeerConnection;
  readonly #options: MediaLinkOptions;
  readonly #candidates: RemoteCandidates;
  #negotiation: Promise<void> = Promise.resolve();
  #nextNegotiation: Promise<void> | undefined;
  #offerId = 0;
  #answer: { readonly id: number; readonly settle: (sdp: string) => void } | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: MediaLinkOptions) {
    this.#options = options;
    this.#peer = new RTCPeerConnection({
      bundlePolicy: "max-bundle",
      codecs: { audio: [useOPUS({ payloadType: 111, rtcpFeedback: [useNACK()], parameters: OPUS_PARAMETERS })] },
      headerExtensions: { audio: [useSdesMid(), useAudioLevelIndication()] },
      iceServers: iceServersForWerift(options.iceServers),
      iceTransportPolicy: options.iceTransportPolicy,
      iceUseTcp: true,
      iceTcpPassive: false,
      iceStunGatherTimeout: 1,
      ...(options.loopback ? { iceAdditionalHostAddresses: ["127.0.0.1"] } : {}),
    });
    this.#peer.onIceCandidate.subscribe((candidate) => {
      if (!candidate) return;
      const { sdpMid, sdpMLineIndex } = candidate;
      const candidateInit = JSON.stringify({ candidate: candidate.candidate, sdpMid, sdpMLineIndex });
      options.send({ case: "trickle", value: new TrickleRequest({ candidateInit, target: SignalTarget.PUBLISHER }) });
    });
    this.#peer.connectionStateChange.subscribe((state) => {
      // An ICE restart loses audio in werift: what has failed stays so, and "disconnected" is its consent that ran out.
      if ((state === "failed" || state === "disconnected") && !this.#closing) options.onLost(`media ${state}`);
      if (state === "connected") prepareSessionKeys(this.#peer);
    });
    this.#candidates = new RemoteCandidates({
      udpFirst: options.iceTransportPolicy === "all",
      isSettled: () => this.isConnected || this.#closing !== undefined,
      // One that we cannot use is not the last.
      add: (candidateInit) => void this.#peer.addIceCandidate(JSON.parse(candidateInit)).catch(() => {}),
    });
    this.reliable = this.#peer.createDataChannel("_reliable", { ordered: true });
    this.lossy = this.#peer.createDataChannel("_lossy", { ordered: false, maxRetransmits: 0 });
  }

  get isConnected(): boolean {
    return this.#peer.connectionState === "connected";
  }

  get cname(): string {
    return this.#peer.cname;
  }

  /** The id under which the server takes audio levels; undefined where it takes none, or before its answer. */
  get levelExtensionId(): number | undefined {
    const id = AUDIO_LEVEL_EXTENSION.exec(this.#peer.remoteDescription?.sdp ?? "")?.[1];
    return id === undefined ? undefined : Number(id);
  }

  get descriptions(): { readonly offer: string; readonly answer: string } | undefined {
    const { localDescription, remoteDescription } = this.#peer;
    return localDescription && remoteDescription ? { offer: localDescription.sdp, answer: remoteDescription.sdp } : undefined;
  }

  /** Data that arrives on any channel, ours or the server's. */
  onData(listener: (data: Buffer) => void): void {
    const hear = (channel: RTCDataChannel) => {
      channel.onMessage.subscribe((message) => listener(typeof message === "string" ? Buffer.from(message) : message));
    };
    hear(this.reliable);
    hear(this.lossy);
    this.#peer.onDataChannel.subscribe(hear);
  }

  /** A way to send one track, from the next negotiation on. */
  addTrack(): { readonly cid: string; readonly transceiver: RTCRtpTransceiver } {
    const track = new MediaStreamTrack({ kind: "audio" });
    const transceiver = this.#peer.addTransceiver(track, { direction: "sendonly" });
    // Without a stream the description has no msid, and the server takes our media for whichever track it waits for.
    transceiver.sender.setStreams([new MediaStream()]);
    // werift gives the track its sender's id, so it is read only now.
    return { cid: track.id ?? transceiver.sender.trackId, transceiver };
  }

  removeTrack(transceiver: RTCRtpTransceiver): void {
    if (this.#closing) return;
    transceiver.sender.detachTrack();
    transceiver.setDirection("inactive");
  }

  /** Resolves when the server has answered an offer that was made after the call. Calls meanwhile share one. */
  negotiate(): Promise<void> {
    this.#nextNegotiation ??= this.#negotiation
      .catch(() => {})
      .then(() => {
        this.#nextNegotiation = undefined;
        return this.#offer();
      });
    this.#negotiation = this.#nextNegotiation;
    return this.#negotiation;
  }

  /** The server's answer to the offer of that id. */
  answered(id: number, sdp: string): void {
    // Servers before offer ids answer with 0.
    if (this.#answer && (id === 0 || id === this.#answer.id)) this.#answer.settle(sdp);
  }

  addCandidate(candidateInit: string): void {
    this.#candidates.trickled(candidateInit);
  }

  /** Resolves when media and data can flow. */
  async connected(): Promise<void> {
    if (this.isConnected) return;
    await new Promise<void>((resolve, reject) => {
      const { unSubscribe } = this.#peer.connectionStateChange.subscribe((state) => {
        if (state === "connecting" || state === "new") return;
        unSubscribe();
        if (state === "connected") resolve();
        else
          reject(
            new RoomtoneError("server-unreachable", "No way for media to the server was found. Check firewalls, or offer TURN.", {
              retryable: true,
            }),
          );
      });
    });
  }

  /** Idempotent; every caller awaits the same end. */
  close(): Promise<void> {
    this.#candidates.close();
    this.#closing ??= this.#peer.close().catch(() => {});
    return this.#closing;
  }

  async #offer(): Promise<void> {
    if (this.#closing) throw new RoomtoneError("server-unreachable", "The connection is over.");
    const offer = await this.#peer.createOffer();
    forgetDefaultStunServer(this.#peer, this.#options.iceServers);
    if (this.#offerId === 0) hearEarlyHandshake(this.#peer);
    this.#offerId += 1;
    const answer = new Promise<string>((settle) => {
      this.#answer = { id: this.#offerId, settle };
    });
    // Sent first: werift trickles while it sets the description, and the server drops candidates of an offer that it has not seen.
    const sent = this.#options.send({ case: "offer", value: new SessionDescription({ type: "offer", sdp: offer.sdp, id: this.#offerId }) });
    if (!sent) throw new RoomtoneError("server-unreachable", "The connection to the server is interrupted.", { retryable: true });
    await this.#peer.setLocalDescription(offer);
    const sdp = await bounded(answer, { what: "the server's answer to our offer", deadlineMs: ANSWER_DEADLINE_MS });
    await this.#peer.setRemoteDescription({ type: "answer", sdp: this.#candidates.takeFrom(sdp) });
    this.#candidates.described();
  }
}
