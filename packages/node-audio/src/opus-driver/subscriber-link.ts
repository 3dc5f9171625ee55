import { type ICEServer, SessionDescription, SignalTarget, TrickleRequest } from "@livekit/protocol";
import { RTCPeerConnection } from "werift";
import { addCandidateTo, MOST_CANDIDATES } from "./ice-candidates.js";
import { forgetDefaultStunServer, iceServersForWerift } from "./ice-servers.js";
import { findCandidatesMeanwhile } from "./late-candidates.js";
import { demandProof } from "./peer-proof.js";
import { startQuickly } from "./quick-start.js";
import type { SignalRequestMessage } from "./signal-client.js";

export interface SubscriberLinkOptions {
  readonly iceServers: readonly ICEServer[];
  readonly iceTransportPolicy: "all" | "relay";
  readonly loopback: boolean;
  send(message: SignalRequestMessage): boolean;
  onData(data: Buffer): void;
}

/**
 * The second peer connection, which servers without `/rtc/v1` offer for what they send: to us, data only.
 * The server does not count us as active before it stands.
 */
export class SubscriberLink {
  readonly #peer: RTCPeerConnection;
  readonly #options: SubscriberLinkOptions;
  #candidates: string[] = [];
  #answering: Promise<void> = Promise.resolve();

  constructor(options: SubscriberLinkOptions) {
    this.#options = options;
    this.#peer = new RTCPeerConnection({
      bundlePolicy: "max-bundle",
      iceServers: iceServersForWerift(options.iceServers),
      iceTransportPolicy: options.iceTransportPolicy,
      iceUseTcp: true,
      iceTcpPassive: false,
      iceStunGatherTimeout: 1,
      ...(options.loopback ? { iceAdditionalHostAddresses: ["127.0.0.1"] } : {}),
    });
    this.#peer.onDataChannel.subscribe((channel) => {
      channel.onMessage.subscribe((message) => options.onData(typeof message === "string" ? Buffer.from(message) : message));
    });
    this.#peer.onIceCandidate.subscribe((candidate) => {
      if (!candidate) return;
      const { sdpMid, sdpMLineIndex } = candidate;
      const candidateInit = JSON.stringify({ candidate: candidate.candidate, sdpMid, sdpMLineIndex });
      options.send({ case: "trickle", value: new TrickleRequest({ candidateInit, target: SignalTarget.SUBSCRIBER }) });
    });
  }

  /** Offers are answered one after the other. */
  offered(offer: SessionDescription): void {
    this.#answering = this.#answering.then(() => this.#answer(offer)).catch(() => {});
  }

  async addCandidate(candidateInit: string): Promise<void> {
    if (this.#peer.remoteDescription) await addCandidateTo(this.#peer, candidateInit);
    else if (this.#candidates.length < MOST_CANDIDATES) this.#candidates.push(candidateInit);
  }

  close(): Promise<void> {
    return this.#peer.close().catch(() => {});
  }

  async #answer(offer: SessionDescription): Promise<void> {
    await this.#peer.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    for (const candidate of this.#candidates.splice(0)) await this.addCandidate(candidate);
    const answer = await this.#peer.createAnswer();
    forgetDefaultStunServer(this.#peer, this.#options.iceServers);
    demandProof(this.#peer);
    startQuickly(this.#peer);
    findCandidatesMeanwhile(this.#peer);
    this.#options.send({ case: "answer", value: new SessionDescription({ type: "answer", sdp: answer.sdp, id: offer.id }) });
    await this.#peer.setLocalDescription(answer);
  }
}
