import { randomInt } from "node:crypto";
import type { EncodedPacket, NetworkSample } from "@roomtone/core";
import {
  type RTCRtpSender,
  RtcpRrPacket,
  RtcpSenderInfo,
  RtcpSourceDescriptionPacket,
  RtcpSrPacket,
  RtpHeader,
  RtpPacket,
  SourceDescriptionChunk,
  SourceDescriptionItem,
} from "werift";
import { audioLevelByte, SILENCE_LEVEL_DBOV } from "../encoding/audio-level.js";
import { RtpClock } from "./rtp-clock.js";
import { TransportStatistics } from "./transport-statistics.js";

const SENDER_REPORT_EVERY_MS = 1000;
const SILENCE_DURATION_US = 20_000;
const SDES_CNAME = 1;

/** Where a track's packets become RTP: their sequence and time, and the reports that go with them. */
export class RtpOutput {
  readonly statistics = new TransportStatistics();
  /** Resolves at the first receiver report about this track. */
  readonly reported: Promise<void>;
  readonly #sender: RTCRtpSender;
  readonly #cname: string;
  readonly #silence: Buffer;
  readonly #clock = new RtpClock(randomInt(2 ** 32));
  // Far from the wrap, so that a loss of the first packets cannot upset SRTP's rollover counter.
  #sequence = randomInt(2 ** 15);
  #levelExtensionId: number | undefined;
  #lastSentMs = performance.now();
  #lastDurationUs = 0;
  #reportDueMs = 0;
  #unsubscribe: () => void;

  constructor(sender: RTCRtpSender, cname: string, channels: 1 | 2) {
    this.#sender = sender;
    this.#cname = cname;
    // One frame of 20 ms of silence, CELT at full band, mono or stereo.
    this.#silence = Buffer.from([channels === 2 ? 0xfc : 0xf8, 0xff, 0xfe]);
    // Its own sender reports repeat an old pair of times, which spoils the round trip: it believes that it runs them already.
    sender.rtcpRunning = true;
    let onReport = () => {};
    this.reported = new Promise((resolve) => {
      onReport = resolve;
    });
    const { unSubscribe } = sender.onRtcp.subscribe((packet) => {
      if (!(packet instanceof RtcpRrPacket) && !(packet instanceof RtcpSrPacket)) return;
      const report = packet.reports.find(({ ssrc }) => ssrc === sender.ssrc);
      if (!report) return;
      this.statistics.reported(report, performance.now());
      onReport();
    });
    this.#unsubscribe = unSubscribe;
  }

  /** The id that the server agreed on for audio levels; without one none are sent. */
  set levelExtensionId(id: number | undefined) {
    this.#levelExtensionId = id;
  }

  send(packet: EncodedPacket): void {
    const { timestamp, marker } = this.#clock.take(packet.timestampUs, packet.durationUs);
    this.#lastDurationUs = packet.durationUs;
    this.#write(
      Buffer.from(packet.payload.buffer, packet.payload.byteOffset, packet.payload.byteLength),
      timestamp,
      marker,
      packet.levelDbov,
    );
  }

  /** Time passes without a packet: the timestamp goes on, the sequence does not, or the server would count a loss. */
  skip(timestampUs: number, durationUs: number): void {
    this.#clock.skip(timestampUs, durationUs);
  }

  /** Another source follows. */
  restart(): void {
    this.#clock.restart((performance.now() - this.#lastSentMs) * 1000 - this.#lastDurationUs);
  }

  /** One packet of silence, before there is a source: a track exists for the server from its first packet on. */
  sendSilence(index: number): void {
    const { timestamp, marker } = this.#clock.take(index * SILENCE_DURATION_US, SILENCE_DURATION_US);
    this.#lastDurationUs = SILENCE_DURATION_US;
    this.#write(this.#silence, timestamp, marker, SILENCE_LEVEL_DBOV);
  }

  sample(): NetworkSample {
    return this.statistics.sample(performance.now());
  }

  close(): void {
    this.#unsubscribe();
  }

  #write(payload: Buffer, timestamp: number, marker: boolean, levelDbov: number | undefined): void {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const header = new RtpHeader({ sequenceNumber: this.#sequence, timestamp, marker });
    if (levelDbov !== undefined && this.#levelExtensionId !== undefined) {
      header.extensions = [{ id: this.#levelExtensionId, payload: Buffer.of(audioLevelByte(levelDbov)) }];
    }
    // What cannot be sent is lost, as on any network: the receiver reports tell.
    this.#sender.sendRtp(new RtpPacket(header, payload)).catch(() => {});
    this.statistics.packetSent(payload.length);
    this.#lastSentMs = performance.now();
    if (this.#lastSentMs >= this.#reportDueMs) this.#report(timestamp);
  }

  #report(rtpTimestamp: number): void {
    this.#reportDueMs = this.#lastSentMs + SENDER_REPORT_EVERY_MS;
    const senderInfo = new RtcpSenderInfo({
      ntpTimestamp: this.statistics.senderReport(Date.now(), this.#lastSentMs),
      rtpTimestamp,
      packetCount: this.statistics.packetsSent,
      octetCount: this.statistics.bytesSent % 2 ** 32,
    });
    const { ssrc } = this.#sender;
    const items = [new SourceDescriptionItem({ type: SDES_CNAME, text: this.#cname })];
    const description = new RtcpSourceDescriptionPacket({ chunks: [new SourceDescriptionChunk({ source: ssrc, items })] });
    this.#sender.dtlsTransport?.sendRtcp([new RtcpSrPacket({ ssrc, senderInfo }), description]).catch(() => {});
  }
}
