const FINGERPRINT = `a=fingerprint:sha-256 ${Array.from({ length: 32 }, (_, index) => (index + 16).toString(16).toUpperCase()).join(":")}`;
const ICE = ["a=ice-ufrag:EfNevUndBmpIbUOr", "a=ice-pwd:tbRbmyfJWInrMNDUKLnVtNpAwtKhspBJ"];
const lines = (text: readonly string[]) => `${text.join("\r\n")}\r\n`;

/** What livekit-server answers to an offer of a track and data. Nobody is where its candidate points. */
export const answerSdp = lines([
  "v=0",
  "o=- 8123113535251036386 1795628561 IN IP4 0.0.0.0",
  "s=-",
  "t=0 0",
  "a=msid-semantic:WMS *",
  FINGERPRINT,
  "a=extmap-allow-mixed",
  "a=group:BUNDLE 0 1",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111",
  "c=IN IP4 0.0.0.0",
  "a=setup:active",
  "a=mid:0",
  ...ICE,
  "a=rtcp-mux",
  "a=rtcp-rsize",
  "a=rtpmap:111 OPUS/48000/2",
  "a=fmtp:111 minptime=10;useinbandfec=1;sprop-stereo=1;usedtx=1",
  "a=rtcp-fb:111 nack",
  "a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid",
  "a=recvonly",
  "a=candidate:2878742611 1 udp 2130706431 127.0.0.1 9 typ host ufrag EfNevUndBmpIbUOr",
  "a=end-of-candidates",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "c=IN IP4 0.0.0.0",
  "a=setup:active",
  "a=mid:1",
  "a=sendrecv",
  "a=sctp-port:5000",
  "a=max-message-size:65535",
  ...ICE,
]);

/** What older servers offer for what they send: data alone. */
export const offerSdp = lines([
  "v=0",
  "o=- 3123113535251036386 1795628561 IN IP4 0.0.0.0",
  "s=-",
  "t=0 0",
  FINGERPRINT,
  "a=group:BUNDLE 0",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "c=IN IP4 0.0.0.0",
  "a=setup:actpass",
  "a=mid:0",
  "a=sendrecv",
  "a=sctp-port:5000",
  ...ICE,
]);

/** What livekit-server answers to the offer that comes with a join: data alone. */
export const dataAnswerSdp = offerSdp.replace("a=setup:actpass", "a=setup:active");
