import { afterEach, describe, expect, it } from "vitest";
import {
  MediaStreamTrack,
  RTCPeerConnection,
  type RTCRtpSender,
  RtpHeader,
  RtpPacket,
  SrtpSession,
  useAudioLevelIndication,
  useOPUS,
  useSdesMid,
} from "werift";
import { audioLevelByte } from "../encoding/audio-level.js";
import { RtpWriter } from "./rtp-writer.js";

const SSRC = 0x1234_5678;
const PAYLOAD = Buffer.from("seventy or eighty bytes of Opus");
const KEYS = {
  localMasterKey: Buffer.alloc(16, 1),
  localMasterSalt: Buffer.alloc(12, 2),
  remoteMasterKey: Buffer.alloc(16, 3),
  remoteMasterSalt: Buffer.alloc(12, 4),
};
const profiles = { "AES-CM with HMAC": 1, "AES-GCM": 7 } as const;

const peers: RTCPeerConnection[] = [];
afterEach(() => Promise.all(peers.splice(0).map((peer) => peer.close())));

/** A sender of werift's that has negotiated `extensions`, over a transport that only encrypts. */
function senderWith(extensions: { id: number; uri: string }[], profile: 1 | 7) {
  const peer = new RTCPeerConnection({ codecs: { audio: [useOPUS()] }, iceServers: [] });
  peers.push(peer);
  const { sender } = peer.addTransceiver(new MediaStreamTrack({ kind: "audio" }), { direction: "sendonly" });
  const srtp = new SrtpSession({ keys: KEYS, profile });
  const sent: Buffer[] = [];
  const sendRtp = async (payload: Buffer, header: RtpHeader) => void sent.push(srtp.encrypt(payload, header));
  const transport = { state: "connected", transportSequenceNumber: 0, sendRtp };
  Object.assign(sender, { ssrc: SSRC, codec: useOPUS({ payloadType: 111 }), mid: "12", headerExtensions: extensions, rtcpRunning: true });
  Object.defineProperty(sender, "dtlsTransport", { value: transport });
  return { sender, sent, transport };
}

/** The packet as it goes out through werift's own layers. */
function sendByWerift(sender: RTCRtpSender, fields: Parameters<RtpWriter["write"]>[1], levelExtensionId: number | undefined) {
  const { levelDbov, ...rest } = fields;
  const header = new RtpHeader(rest);
  if (levelDbov !== undefined && levelExtensionId !== undefined) {
    header.extensions = [{ id: levelExtensionId, payload: Buffer.of(audioLevelByte(levelDbov)) }];
  }
  return sender.sendRtp(new RtpPacket(header, PAYLOAD));
}

describe("a writer of RTP", () => {
  it.for(
    Object.entries(profiles).flatMap(([name, profile]) =>
      [
        { mid: 1, level: 2 },
        { mid: 7, level: 3 },
        { mid: 1, level: undefined },
        { mid: undefined, level: 5 },
        { mid: undefined, level: undefined },
      ].map((ids) => ({ name, profile, ...ids })),
    ),
  )("sends the bytes that werift sends: $name, mid as $mid, level as $level", async ({ profile, mid, level }) => {
    const extensions = [
      ...(mid === undefined ? [] : [{ ...useSdesMid(), id: mid }]),
      ...(level === undefined ? [] : [{ ...useAudioLevelIndication(), id: level }]),
    ];
    const [theirs, ours] = [senderWith(extensions, profile), senderWith(extensions, profile)];
    const writer = new RtpWriter(ours.sender);
    for (let index = 0; index < 300; index += 1) {
      const fields = {
        sequenceNumber: (65_400 + index) & 0xffff, // over the wrap, which the cipher counts
        timestamp: (0xffff_0000 + index * 960) >>> 0,
        marker: index % 50 === 0,
        levelDbov: index % 9 === 0 ? undefined : index % 128,
      };
      await sendByWerift(theirs.sender, fields, level);
      writer.write(PAYLOAD, fields, level);
    }
    expect(ours.sent).toHaveLength(300);
    expect(ours.sent.map((packet) => packet.toString("hex"))).toEqual(theirs.sent.map((packet) => packet.toString("hex")));
  });

  it("leaves what werift needs to send a packet again", () => {
    const { sender, sent } = senderWith([{ ...useSdesMid(), id: 1 }], 7);
    const writer = new RtpWriter(sender);
    for (let sequenceNumber = 0; sequenceNumber < 200; sequenceNumber += 1) {
      writer.write(PAYLOAD, { sequenceNumber, timestamp: sequenceNumber * 960, marker: false, levelDbov: 30 }, undefined);
    }
    const nack = { type: 205, feedback: { count: 1, lost: [150, 20] } };
    sender.handleRtcpPacket(nack as unknown as Parameters<typeof sender.handleRtcpPacket>[0]);
    // The one of the newest 128 packets is sent again as it was; the other is too old.
    expect(sent.slice(200)).toEqual([sent[150]]);
  });

  it("sends nothing before there is a way, and nothing after the sender was stopped", () => {
    const { sender, sent, transport } = senderWith([], 7);
    const writer = new RtpWriter(sender);
    const fields = { sequenceNumber: 1, timestamp: 1, marker: false, levelDbov: undefined };
    transport.state = "connecting";
    writer.write(PAYLOAD, fields, undefined);
    transport.state = "connected";
    sender.stop();
    writer.write(PAYLOAD, fields, undefined);
    expect(sent).toEqual([]);
  });
});
