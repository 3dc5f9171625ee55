import { describe, expect, it } from "vitest";
import { readAnswer } from "./answer.js";
import { endpointAddress } from "./endpoint-address.js";
import { addressFrom } from "./exchange.js";
import { iceServersFrom } from "./link-header.js";
import { retryAfterMs } from "./refusal.js";

describe("the endpoint's address", () => {
  it.each([
    ["ws://127.0.0.1:7880", "http://127.0.0.1:7880/whip/v1"],
    ["wss://example.livekit.cloud/", "https://example.livekit.cloud/whip/v1"],
    ["wss://host/livekit", "https://host/livekit/whip/v1"],
    ["wss://host/whip/v1", "https://host/whip/v1"],
    ["http://127.0.0.1:7880", "http://127.0.0.1:7880/whip/v1"],
    ["https://host/live/whip?app=a#part", "https://host/live/whip?app=a"],
  ])("of %s is %s", (url, address) => {
    expect(endpointAddress(url).href).toBe(address);
  });

  it.each(["host/whip", "ftp://host/whip", "https://user:rtsecret_password@host/whip"])("is not %s", (url) => {
    expect(() => endpointAddress(url)).toThrowError(
      expect.objectContaining({ code: "usage", message: expect.not.stringContaining("rtsecret") }),
    );
  });

  it("that a server sends us to is never an open one behind a protected one", () => {
    expect(addressFrom("//other/whip", new URL("https://host/a")).href).toBe("https://other/whip");
    expect(addressFrom("session/1", new URL("https://host/whip/a")).href).toBe("https://host/whip/session/1");
    for (const location of ["http://host/a", "ftp://host/a", "https://user@host/a", null]) {
      expect(() => addressFrom(location, new URL("https://host/a"))).toThrowError(expect.objectContaining({ code: "room-refused" }));
    }
  });
});

describe("STUN and TURN servers", () => {
  it("come from Link headers, joined or not, quoted or not", () => {
    const link = [
      '<stun:stun.example.net>; rel="ice-server"',
      '<turn:turn.example.net?transport=udp>; rel="ice-server"; username="us\\"er, 1"; credential="my;Password"; credential-type="password"',
      "<turns:turn.example.net%3Ftransport=tcp>; rel=ice-server; username=u; credential=c",
      '<https://example.net/events>; rel="urn:ietf:params:whip:ext:example"',
      '<turn:oauth.example.net>; rel="ice-server"; username="u"; credential="c"; credential-type="oauth"',
      '<javascript:alert(1)>; rel="ice-server"',
    ].join(", ");
    expect(iceServersFrom(link)).toEqual([
      { urls: ["stun:stun.example.net"] },
      { urls: ["turn:turn.example.net?transport=udp"], username: 'us"er, 1', credential: "my;Password" },
      { urls: ["turns:turn.example.net?transport=tcp"], username: "u", credential: "c" },
    ]);
  });

  it("are none where there is no such header, and never more than sixteen", () => {
    for (const link of [null, "", "nonsense", "<", '<stun:x>; rel="ice', "<%E0%A4%A>; rel=ice-server"])
      expect(iceServersFrom(link)).toEqual([]);
    expect(iceServersFrom('<stun:a>; rel="ice-server", '.repeat(100))).toHaveLength(16);
  });
});

describe("an answer", () => {
  const answer = (...lines: string[]) => ["v=0", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=rtpmap:111 opus/48000/2", ...lines, ""].join("\r\n");

  it("says whether stereo is wanted, which what is sent (sprop-stereo) does not", () => {
    expect(readAnswer(answer("a=fmtp:111 minptime=10;stereo=1;useinbandfec=1")).takesStereo).toBe(true);
    expect(readAnswer(answer("a=fmtp:111 minptime=10;sprop-stereo=1")).takesStereo).toBe(false);
    expect(readAnswer(answer()).takesStereo).toBe(false);
  });

  it("says where audio levels go", () => {
    expect(readAnswer(answer("a=extmap:2/sendrecv urn:ietf:params:rtp-hdrext:ssrc-audio-level")).levelExtensionId).toBe(2);
    expect(readAnswer(answer()).levelExtensionId).toBeUndefined();
  });

  it.each([answer("a=inactive"), answer().replace("m=audio 9", "m=audio 0"), answer().replace("opus", "PCMU"), ""])(
    "without Opus is refused",
    (sdp) => {
      expect(() => readAnswer(sdp)).toThrowError(expect.objectContaining({ code: "room-refused" }));
    },
  );
});

it("a Retry-After is seconds or a date", () => {
  const nowMs = Date.parse("2026-11-25T12:00:00Z");
  expect(retryAfterMs("7", nowMs)).toBe(7000);
  expect(retryAfterMs("Wed, 25 Nov 2026 12:00:30 GMT", nowMs)).toBe(30_000);
  expect(retryAfterMs("Wed, 25 Nov 2026 11:00:00 GMT", nowMs)).toBe(0);
  for (const value of [null, "soon", "-5"]) expect(retryAfterMs(value, nowMs)).toBeUndefined();
});
