import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RemoteCandidates } from "./remote-candidates.js";

const UDP = init("candidate:1 1 udp 2130706431 10.0.0.1 7882 typ host");
const TCP = init("candidate:2 1 tcp 1671430143 10.0.0.1 7881 typ host tcptype passive");

function init(candidate: string): string {
  return JSON.stringify({ candidate, sdpMid: "0", sdpMLineIndex: 0 });
}

function open(udpFirst = true) {
  const added: string[] = [];
  const state = { settled: false };
  const candidates = new RemoteCandidates({ udpFirst, isSettled: () => state.settled, add: (one) => added.push(one) });
  return { candidates, added, state };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the server's candidates", () => {
  it("wait until there is a description to take them", () => {
    const { candidates, added } = open();
    candidates.trickled(UDP);
    expect(added).toEqual([]);
    candidates.described();
    expect(added).toEqual([UDP]);
  });

  it("are taken once, whether trickled or in the description, under whatever foundation and priority", () => {
    const { candidates, added } = open();
    const sdp =
      "v=0\r\na=mid:0\r\na=candidate:77 1 UDP 1 10.0.0.1 7882 typ host\r\na=candidate:78 1 udp 1 10.0.0.2 7882 typ host\r\na=end\r\n";
    candidates.trickled(UDP);
    expect(candidates.takeFrom(sdp)).toBe("v=0\r\na=mid:0\r\na=end\r\n");
    candidates.described();
    expect(added).toEqual([UDP, init("candidate:78 1 udp 1 10.0.0.2 7882 typ host")]);
  });

  it("over TCP are tried where UDP found no way, and at once where everything goes through a relay", () => {
    const direct = open();
    const relayed = open(false);
    for (const { candidates } of [direct, relayed]) {
      candidates.described();
      candidates.trickled(UDP);
      candidates.trickled(TCP);
    }
    expect(relayed.added).toEqual([UDP, TCP]);
    expect(direct.added).toEqual([UDP]);
    vi.runAllTimers();
    expect(direct.added).toEqual([UDP, TCP]);
  });

  it("over TCP are tried at once where the server has no UDP", () => {
    const { candidates, added } = open();
    candidates.described();
    candidates.trickled(TCP);
    expect(added).toEqual([TCP]);
  });

  it("are not at their end while some wait", () => {
    const line = (candidateInit: string) => `a=${JSON.parse(candidateInit).candidate}\r\n`;
    expect(open().candidates.takeFrom(`${line(UDP)}${line(TCP)}a=end-of-candidates\r\n`)).toBe("");
    expect(open().candidates.takeFrom(`${line(UDP)}a=end-of-candidates\r\n`)).toBe("a=end-of-candidates\r\n");
  });

  it("are not looked at any more once a way is found", () => {
    const { candidates, added, state } = open();
    candidates.described();
    candidates.trickled(UDP);
    candidates.trickled(TCP);
    state.settled = true;
    vi.runAllTimers();
    expect(added).toEqual([UDP]);
  });
});
