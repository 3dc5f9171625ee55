import type { RTCIceTransport } from "werift";

/** Sent at 0, 200 and 600 ms; of three, one comes through a bad network. */
const RESPONSE_TIMEOUT_MS = 200;
const RETRANSMISSIONS = 2;

/** The parts of werift's ICE that its own question of consent, every five seconds, is made of. */
interface IceConnection {
  readonly nominated?: {
    readonly localCandidate: object;
    readonly remoteAddr: readonly [string, number];
    readonly protocol: {
      request(request: object, to: readonly [string, number], key: Buffer, options: object): Promise<unknown>;
    };
  };
  readonly iceControlling: boolean;
  readonly localUsername: string;
  readonly remoteUsername: string;
  readonly remotePassword: string;
  buildRequest(parts: object): object;
}

/**
 * Whether the other side still knows the session, asked at once: a server that was started anew does not. werift would find that out
 * after 30 s. False where nothing answers within 1.4 s.
 */
export async function askForConsent({ connection }: RTCIceTransport): Promise<boolean> {
  const ice = connection as unknown as IceConnection;
  const { nominated, iceControlling, localUsername, remoteUsername, remotePassword } = ice;
  if (!nominated) return false;
  const { localCandidate, remoteAddr, protocol } = nominated;
  const request = ice.buildRequest({ nominate: false, localUsername, remoteUsername, iceControlling, localCandidate });
  const options = { retransmissions: RETRANSMISSIONS, responseTimeout: RESPONSE_TIMEOUT_MS };
  return protocol.request(request, remoteAddr, Buffer.from(remotePassword, "utf8"), options).then(
    () => true,
    () => false,
  );
}
