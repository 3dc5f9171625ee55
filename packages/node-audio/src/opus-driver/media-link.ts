import { type ICEServer, SessionDescription, SignalTarget, TrickleRequest } from "@livekit/protocol";
import { RoomtoneError } from "@roomtone/core";
import {
  MediaStream,
  MediaStreamTrack,
  type RTCDataChannel,
  type RTCDtlsTransport,
  RTCPeerConnection,
  type RTCRtpSender,
  type RTCRtpTransceiver,
  useAudioLevelIndication,
  useNACK,
  useOPUS,
  useSdesMid,
} from "werift";
import { ANSWER_DEADLINE_MS, bounded } from "./bounded.js";
import { addCandidateTo, MOST_CANDIDATES } from "./ice-candidates.js";
import { forgetDefaultStunServer, iceServersForWerift } from "./ice-servers.js";
import { findCandidatesMeanwhile } from "./late-candidates.js";
import { answersConsent } from "./media-consent.js";
import { demandProof } from "./peer-proof.js";
import { startQuickly } from "./quick-start.js";
import { prepareSessionKeys } from "./session-keys.js";
import type { SignalRequestMessage } from "./signal-client.js";

const FIRST_OFFER_ID = 1;
const AUDIO_LEVEL_EXTENSION = /^a=extmap:(\d+)\S* urn:ietf:params:rtp-hdrext:ssrc-audio-level/m;
/** What the server may do with our packets: their settings are our encoder's, whatever the description says. */
const OPUS_PARAMETERS = "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1";

/** What a connection does not come back from. */
const LOST: readonly string[] = ["disconnected", "failed", "closed"];

/** So long a server that took our offer with the join has to answer it; then it is told again. */
const JOIN_ANSWER_MS = 2000;

export interface MediaLinkOptions {
  readonly iceTransportPolicy: "all" | "relay";
  readonly loopback: boolean;
}

/** How a link reaches the server that let us in. */
export interface MediaSignalling {
  readonly iceServers: readonly ICEServer[];
  /** The server has the first offer from the join. */
  readonly offered: boolean;
  send(message: SignalRequestMessage): boolean;
  /** The media's way is gone, and does not come back. */
  onLost(reason: string): void;
}

/** The peer connection that carries what we publish, and data both ways. */
export class MediaLink {
  readonly reliable: RTCDataChannel;
  readonly lossy: RTCDataChannel;
  readonly #peer: RTCPeerConnection;
  /** The one way for all of it. */
  readonly #dtls: RTCDtlsTransport | undefined;
  #signalling: MediaSignalling | undefined;
  #prepared: { readonly type: "offer"; readonly sdp: string } | undefined;
  #candidates: string[] = [];
  #negotiation: Promise<void> = Promise.resolve();
  #nextNegotiation: Promise<void> | undefined;
  #offerId = 0;
  #answer: { readonly id: number; readonly settle: (sdp: string) => void; readonly reject: (error: RoomtoneError) => void } | undefined;
  #earlyAnswer: string | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: MediaLinkOptions) {
    this.#peer = new RTCPeerConnection({
      bundlePolicy: "max-bundle",
      codecs: { audio: [useOPUS({ payloadType: 111, rtcpFeedback: [useNACK()], parameters: OPUS_PARAMETERS })] },
      headerExtensions: { audio: [useSdesMid(), useAudioLevelIndication()] },
      iceServers: [],
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
      this.#signalling?.send({ case: "trickle", value: new TrickleRequest({ candidateInit, target: SignalTarget.PUBLISHER }) });
    });
    this.#peer.connectionStateChange.subscribe((state) => {
      // An ICE restart loses audio in werift: what has failed stays so, and "disconnected" is its consent that ran out.
      if ((state === "failed" || state === "disconnected") && !this.#closing) this.#signalling?.onLost(`media ${state}`);
    });
    this.reliable = this.#peer.createDataChannel("_reliable", { ordered: true });
    this.lossy = this.#peer.createDataChannel("_lossy", { ordered: false, maxRetransmits: 0 });
    [this.#dtls] = this.#peer.dtlsTransports;
    this.#dtls?.onStateChange.subscribe((state) => {
      if (state === "connected") prepareSessionKeys(this.#peer);
    });
  }

  /** A link with its certificate and its first offer, which is for data alone: it may go with the join. */
  static async prepare(options: MediaLinkOptions): Promise<MediaLink> {
    const link = new MediaLink(options);
    const { sdp } = await link.#peer.createOffer();
    link.#prepared = { type: "offer", sdp };
    return link;
  }

  /** The first offer, until `begin`. */
  get firstOffer(): SessionDescription {
    return new SessionDescription({ type: "offer", sdp: this.#prepared?.sdp ?? "", id: FIRST_OFFER_ID });
  }

  /** We are in: the way for media is made ready. */
  begin(signalling: MediaSignalling): Promise<void> {
    this.#signalling = signalling;
    this.#peer.setConfiguration({ iceServers: iceServersForWerift(signalling.iceServers) });
    return this.negotiate();
  }

  /** Media can flow. werift's own state says so too early where an answer comes between ICE and DTLS, and else only when data can flow, too. */
  get isConnected(): boolean {
    return this.#dtls?.state === "connected" && !LOST.includes(this.#peer.connectionState);
  }

  /** Whether the server still takes what we send. Bounded by 1.4 s; never rejects. */
  reachesServer(): Promise<boolean> {
    return answersConsent(this.#peer);
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

  /** From the next negotiation on its place in the description is free for the next track: one that were only inactive would stay for good. */
  removeTrack(transceiver: RTCRtpTransceiver): void {
    if (this.#closing) return;
    transceiver.sender.detachTrack();
    transceiver.stop();
    forgetSender(transceiver.sender);
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
    // The answer to an offer of the join comes with the join's own, before we are done with that.
    else if (!this.#answer && id === FIRST_OFFER_ID) this.#earlyAnswer = sdp;
  }

  /** The signalling broke: an offer that is not answered by now may never be. */
  interrupted(): void {
    this.#answer?.reject(new RoomtoneError("server-unreachable", "The connection to the server was interrupted.", { retryable: true }));
  }

  async addCandidate(candidateInit: string): Promise<void> {
    if (this.#peer.remoteDescription) await addCandidateTo(this.#peer, candidateInit);
    else if (this.#candidates.length < MOST_CANDIDATES) this.#candidates.push(candidateInit);
  }

  /** Resolves when media can flow. */
  async connected(): Promise<void> {
    if (this.isConnected) return;
    const listening: Array<{ unSubscribe(): void }> = [];
    try {
      await new Promise<void>((resolve, reject) => {
        const look = () => {
          if (this.isConnected) resolve();
          else if (LOST.includes(this.#peer.connectionState)) {
            const message = "No way for media to the server was found. Check firewalls, or offer TURN.";
            reject(new RoomtoneError("server-unreachable", message, { retryable: true }));
          }
        };
        listening.push(this.#peer.connectionStateChange.subscribe(look));
        if (this.#dtls) listening.push(this.#dtls.onStateChange.subscribe(look));
        look();
      });
    } finally {
      for (const { unSubscribe } of listening) unSubscribe();
    }
  }

  /** Idempotent; every caller awaits the same end. */
  close(): Promise<void> {
    this.#closing ??= this.#peer.close().catch(() => {});
    return this.#closing;
  }

  async #offer(): Promise<void> {
    const signalling = this.#signalling;
    if (this.#closing || !signalling) throw new RoomtoneError("server-unreachable", "The connection is over.");
    const first = this.#prepared;
    this.#prepared = undefined;
    const offer = first ?? (await this.#peer.createOffer());
    forgetDefaultStunServer(this.#peer, signalling.iceServers);
    demandProof(this.#peer);
    startQuickly(this.#peer);
    findCandidatesMeanwhile(this.#peer);
    this.#offerId += 1;
    const id = this.#offerId;
    const answer = new Promise<string>((settle, reject) => {
      this.#answer = { id, settle, reject };
      if (first && this.#earlyAnswer !== undefined) settle(this.#earlyAnswer);
    });
    answer.catch(() => {}); // it may fail before it is waited for
    const tell = () => signalling.send({ case: "offer", value: new SessionDescription({ type: "offer", sdp: offer.sdp, id }) });
    // Sent first: werift trickles while it sets the description, and the server drops candidates of an offer that it has not seen.
    const isTold = (first && signalling.offered) || tell();
    if (!isTold) throw new RoomtoneError("server-unreachable", "The connection to the server is interrupted.", { retryable: true });
    const again = first && signalling.offered ? setTimeout(tell, JOIN_ANSWER_MS) : undefined;
    try {
      await this.#peer.setLocalDescription(offer);
      const sdp = await bounded(answer, { what: "the server's answer to our offer", deadlineMs: ANSWER_DEADLINE_MS });
      await this.#peer.setRemoteDescription({ type: "answer", sdp });
    } finally {
      clearTimeout(again);
    }
    for (const candidate of this.#candidates.splice(0)) await this.addCandidate(candidate);
  }
}

/** werift's sender listens to its transport, which holds it for as long as the connection lives: it does not stop by itself. */
function forgetSender(sender: RTCRtpSender): void {
  const { dtlsDisposer } = sender as unknown as { readonly dtlsDisposer: Array<() => void> };
  for (const dispose of dtlsDisposer.splice(0)) dispose();
}
