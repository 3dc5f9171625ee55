import { SessionDescription, SignalRequest, SignalResponse, SignalTarget, TrickleRequest } from "@livekit/protocol";
import { isMedia, isRtcp, type MediaStreamTrack, type RTCDtlsTransport, RTCPeerConnection, RtpHeader, useNACK, useOPUS } from "werift";
import WebSocket from "ws";

/** Profile of SRTP, RFC 7714. */
const AEAD_AES_128_GCM = 7;

/** One RTP packet as the server forwarded it. */
export interface RawPacket {
  readonly sequence: number;
  /** Of 48 kHz. */
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Buffer;
  readonly arrivedMs: number;
}

export interface RawSubscriberOptions {
  /** Gets each packet with the SSRC of its stream, instead of `packets`. */
  readonly take?: (packet: RawPacket, streamId: number) => void;
  /** Reads the header, which is in the clear, and leaves the payload encrypted: for counting very many packets. Default false. */
  readonly sealed?: boolean;
}

/** A participant that subscribes to everything and decodes nothing: it shows which packets reach others. */
export class RawSubscriber {
  /** Every audio packet received, oldest first; empty where somebody else takes them. */
  readonly packets: RawPacket[] = [];
  readonly #socket: WebSocket;
  readonly #peer = new RTCPeerConnection({
    bundlePolicy: "max-bundle",
    codecs: { audio: [useOPUS({ payloadType: 111, rtcpFeedback: [useNACK()], parameters: "minptime=10;useinbandfec=1;stereo=1" })] },
    iceServers: [],
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ["127.0.0.1"],
  });
  #candidates: string[] = [];
  #answering = Promise.resolve();
  readonly #recorded = new WeakSet<MediaStreamTrack | RTCDtlsTransport>();
  readonly #take: NonNullable<RawSubscriberOptions["take"]>;
  readonly #sealed: boolean;

  private constructor(socket: WebSocket, { take, sealed = false }: RawSubscriberOptions) {
    this.#socket = socket;
    this.#take = take ?? ((packet) => void this.packets.push(packet));
    this.#sealed = sealed;
    socket.on("message", (data: Buffer) => this.#receive(SignalResponse.fromBinary(data).message));
    this.#peer.onIceCandidate.subscribe((candidate) => {
      if (!candidate) return;
      const { sdpMid, sdpMLineIndex } = candidate;
      const candidateInit = JSON.stringify({ candidate: candidate.candidate, sdpMid, sdpMLineIndex });
      this.#send({ case: "trickle", value: new TrickleRequest({ candidateInit, target: SignalTarget.SUBSCRIBER }) });
    });
  }

  static join(url: string, token: string, options: RawSubscriberOptions = {}): Promise<RawSubscriber> {
    return new Promise((resolve, reject) => {
      const address = `${url}/rtc?protocol=9&auto_subscribe=1&adaptive_stream=0`;
      const socket = new WebSocket(address, { headers: { Authorization: `Bearer ${token}` }, perMessageDeflate: false });
      socket.binaryType = "nodebuffer";
      socket.once("open", () => resolve(new RawSubscriber(socket, options)));
      socket.once("error", reject);
    });
  }

  async leave(): Promise<void> {
    this.#socket.close();
    this.#socket.removeAllListeners("message"); // an offer that is on its way finds nobody
    await this.#answering;
    await this.#peer.close();
  }

  #receive(message: SignalResponse["message"]): void {
    if (message.case === "offer") {
      const offer = message.value;
      this.#answering = this.#answering.then(() => this.#answer(offer));
    } else if (message.case === "trickle" && message.value.target === SignalTarget.SUBSCRIBER) {
      const { candidateInit } = message.value;
      if (this.#peer.remoteDescription) void this.#peer.addIceCandidate(JSON.parse(candidateInit));
      else this.#candidates.push(candidateInit);
    }
  }

  async #answer(offer: SessionDescription): Promise<void> {
    await this.#peer.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    if (this.#sealed) for (const transport of this.#peer.dtlsTransports) this.#recordSealed(transport);
    // werift tells of a track once for each place in the description, and a later track may take the place of one that is gone.
    for (const { receiver } of this.#peer.getTransceivers()) for (const track of receiver.tracks) this.#record(track);
    for (const candidate of this.#candidates.splice(0)) await this.#peer.addIceCandidate(JSON.parse(candidate));
    const answer = await this.#peer.createAnswer();
    for (const { connection } of this.#peer.iceTransports) Object.assign(connection, { stunServer: undefined });
    this.#send({ case: "answer", value: new SessionDescription({ type: "answer", sdp: answer.sdp, id: offer.id }) });
    await this.#peer.setLocalDescription(answer);
  }

  #record(track: MediaStreamTrack): void {
    if (this.#recorded.has(track)) return;
    this.#recorded.add(track);
    track.onReceiveRtp.subscribe(({ header, payload }) => {
      const { sequenceNumber: sequence, timestamp, marker, ssrc } = header;
      this.#take({ sequence, timestamp, marker, payload: Buffer.from(payload), arrivedMs: performance.now() }, ssrc);
    });
  }

  #recordSealed(transport: RTCDtlsTransport): void {
    if (this.#recorded.has(transport)) return;
    this.#recorded.add(transport);
    Object.assign(transport, { startSrtp() {} }); // nothing is decrypted
    transport.iceTransport.connection.onData.subscribe((data) => {
      if (!isMedia(data) || isRtcp(data)) return;
      const { sequenceNumber: sequence, timestamp, marker, ssrc, payloadOffset } = RtpHeader.deSerialize(data);
      const tagBytes = transport.dtls?.srtp.srtpProfile === AEAD_AES_128_GCM ? 16 : 10;
      const payload = data.subarray(payloadOffset, data.length - tagBytes);
      this.#take({ sequence, timestamp, marker, payload, arrivedMs: performance.now() }, ssrc);
    });
  }

  #send(message: SignalRequest["message"]): void {
    this.#socket.send(new SignalRequest({ message }).toBinary());
  }
}
