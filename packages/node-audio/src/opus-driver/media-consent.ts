import type { RTCPeerConnection } from "werift";

/** Sent thrice, 200 and 400 ms apart; the last one is waited for 800 ms. An answer to any of them counts. */
const FIRST_WAIT_MS = 200;
const REPEATS = 2;

/** What is used of werift's ICE agent. */
interface IceAgent {
  readonly nominated?: {
    readonly localCandidate: object;
    readonly remoteAddr: unknown;
    readonly protocol: {
      request(request: object, address: unknown, integrityKey: Buffer, options: object): Promise<unknown>;
    };
  };
  readonly localUsername: string;
  readonly remoteUsername: string;
  readonly remotePassword: string;
  readonly iceControlling: boolean;
  buildRequest(parts: object): object;
}

/**
 * Whether the other end of the media's way still answers, as consent freshness asks (RFC 7675), but now: werift asks every five seconds
 * and believes in the way for thirty. Bounded by 1.4 s; never rejects.
 */
export async function answersConsent(peer: RTCPeerConnection): Promise<boolean> {
  const agent = peer.iceTransports[0]?.connection as unknown as IceAgent | undefined;
  const way = agent?.nominated;
  if (!agent || !way) return false;
  const { localUsername, remoteUsername, iceControlling } = agent;
  const request = agent.buildRequest({
    nominate: false,
    localUsername,
    remoteUsername,
    iceControlling,
    localCandidate: way.localCandidate,
  });
  try {
    const options = { retransmissions: REPEATS, responseTimeout: FIRST_WAIT_MS };
    await way.protocol.request(request, way.remoteAddr, Buffer.from(agent.remotePassword, "utf8"), options);
    return true;
  } catch {
    return false;
  }
}
