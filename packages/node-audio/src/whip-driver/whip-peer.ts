import { randomUUID } from "node:crypto";
import { RoomtoneError } from "@roomtone/core";
import {
  MediaStream,
  MediaStreamTrack,
  RTCPeerConnection,
  type RTCRtpTransceiver,
  type RTCSessionDescription,
  useAudioLevelIndication,
  useNACK,
  useOPUS,
  useSdesMid,
} from "werift";
import { settlesWithin } from "../deadline.js";
import { checkRelay, forgetDefaultStunServer, type IceServer, iceServersForWerift } from "../opus-driver/ice-servers.js";
import { answersConsent } from "../opus-driver/media-consent.js";
import { demandProof } from "../opus-driver/peer-proof.js";
import { startQuickly } from "../opus-driver/quick-start.js";
import { RtpOutput } from "../opus-driver/rtp-output.js";
import { prepareSessionKeys } from "../opus-driver/session-keys.js";
import { type AnswerFacts, readAnswer } from "./answer.js";

/** What may come: the packets' settings are the encoder's, whatever the description says. */
const OPUS_PARAMETERS = "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1";
/** A relay that does not answer must not keep us from the ways that work. */
const GATHERING_DEADLINE_MS = 5000;

/** How a session ends that we did not end. */
export type SessionEnd = "media-lost" | "ended-by-server";

export interface WhipPeerOptions {
  readonly iceTransportPolicy: "all" | "relay";
  readonly loopback: boolean;
  onEnd(end: SessionEnd): void;
}

/** The peer connection of one session: one audio track, to the server. */
export class WhipPeer {
  /** The track's id in the description (msid). */
  readonly trackId: string;
  readonly #options: WhipPeerOptions;
  readonly #peer: RTCPeerConnection;
  readonly #transceiver: RTCRtpTransceiver;
  readonly #candidates: string[] = [];
  #offer: RTCSessionDescription | undefined;
  #answer: AnswerFacts | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: WhipPeerOptions) {
    this.#options = options;
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
    const track = new MediaStreamTrack({ kind: "audio" });
    this.#transceiver = this.#peer.addTransceiver(track, { direction: "sendonly" });
    this.#transceiver.sender.setStreams([new MediaStream()]);
    this.trackId = track.id ?? randomUUID();
    this.#peer.onIceCandidate.subscribe((candidate) => {
      if (candidate?.candidate) this.#candidates.push(candidate.candidate);
    });
    this.#peer.connectionStateChange.subscribe((state) => {
      // "disconnected" is werift's consent that ran out, and an ICE restart loses the audio in it.
      if (state === "failed" || state === "disconnected") this.#end("media-lost");
      if (state === "connected") prepareSessionKeys(this.#peer);
    });
  }

  /** The description to offer. It has no candidates: which STUN and TURN servers there are, only its answer says. */
  async offer(): Promise<string> {
    this.#offer = await this.#peer.createOffer();
    return this.#offer.sdp.replace(/^a=rtcp-mux\r\n/m, "a=rtcp-mux\r\na=rtcp-mux-only\r\n");
  }

  /** Takes the server's answer, and begins to look for a way to it. @throws RoomtoneError `room-refused`, `unsupported` */
  async accept(sdp: string, iceServers: readonly IceServer[]): Promise<void> {
    checkRelay(this.#options.iceTransportPolicy, iceServers);
    this.#answer = readAnswer(sdp);
    // How the world sees us is of no use on the way to a server on this machine.
    const servers = this.#options.loopback ? iceServers.filter(({ urls }) => urls.every((url) => url.startsWith("turn"))) : iceServers;
    this.#peer.setConfiguration({ iceServers: iceServersForWerift(servers) });
    forgetDefaultStunServer(this.#peer, servers);
    demandProof(this.#peer);
    startQuickly(this.#peer);
    // Resolves when every candidate is found: a relay's, where it came later, would not be tried.
    await settlesWithin(this.#peer.setLocalDescription(this.#offer), GATHERING_DEADLINE_MS);
    try {
      await this.#peer.setRemoteDescription({ type: "answer", sdp });
    } catch (error) {
      throw new RoomtoneError("room-refused", "The server's answer is no description that fits our offer.", {}, { cause: error });
    }
    this.#transceiver.dtlsTransport?.onStateChange.subscribe((state) => {
      if (state === "closed") this.#end("ended-by-server");
    });
  }

  get takesStereo(): boolean {
    return this.#answer?.takesStereo ?? false;
  }

  /** The candidates found so far, as a server takes them (RFC 8840); undefined where there are none. */
  takeCandidates(): string | undefined {
    const candidates = this.#candidates;
    const local = this.#peer.localDescription?.sdp ?? "";
    const [ufrag] = /^a=ice-ufrag:.*$/m.exec(local) ?? [];
    const [password] = /^a=ice-pwd:.*$/m.exec(local) ?? [];
    if (candidates.length === 0 || !ufrag || !password) return undefined;
    const end = this.#peer.iceGatheringState === "complete" ? ["a=end-of-candidates"] : [];
    const lines = candidates.map((candidate) => `a=${candidate.replace(/^(?!candidate:)/, "candidate:")}`);
    const media = ["m=audio 9 UDP/TLS/RTP/SAVPF 111", `a=mid:${this.#transceiver.mid ?? 0}`];
    return [ufrag.trim(), password.trim(), ...media, ...lines, ...end, ""].join("\r\n");
  }

  createOutput(channels: 1 | 2): RtpOutput {
    const output = new RtpOutput(this.#transceiver.sender, this.#peer.cname, channels);
    output.levelExtensionId = this.#answer?.levelExtensionId;
    return output;
  }

  /** Resolves when media can flow. @throws RoomtoneError `server-unreachable` */
  async connected(): Promise<void> {
    const { connectionState } = this.#peer;
    if (connectionState === "connected") return;
    const noWay = () =>
      new RoomtoneError("server-unreachable", "No way for media to the server was found. Check firewalls, or offer TURN.", {
        retryable: true,
      });
    if (connectionState === "failed" || connectionState === "closed") throw noWay();
    await new Promise<void>((resolve, reject) => {
      const { unSubscribe } = this.#peer.connectionStateChange.subscribe((state) => {
        if (state === "connecting" || state === "new") return;
        unSubscribe();
        if (state === "connected") resolve();
        else reject(noWay());
      });
    });
  }

  /** Asks whether the server still knows the session; where it does not, the session is over. */
  async ask(): Promise<void> {
    if (this.#peer.connectionState === "connected" && !(await answersConsent(this.#peer))) this.#end("media-lost");
  }

  /** Idempotent; every caller awaits the same end. */
  close(): Promise<void> {
    this.#closing ??= this.#peer.close().catch(() => {});
    return this.#closing;
  }

  #end(end: SessionEnd): void {
    if (!this.#closing) this.#options.onEnd(end);
  }
}
