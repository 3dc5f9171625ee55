import { createSecretKey, KeyObject } from "node:crypto";
import type { RTCPeerConnection } from "werift";

/**
 * Makes key objects of the keys that packets are encrypted with. werift gives their bytes to a new cipher for each packet, and Node takes
 * three times as long then: it makes the object each time. To be called once the connection stands.
 */
export function prepareSessionKeys(peer: RTCPeerConnection): void {
  for (const { srtp } of peer.dtlsTransports) {
    const cipher: { srtpSessionKey: Buffer | KeyObject } | undefined = srtp?.localContext?.cipher;
    if (cipher && !(cipher.srtpSessionKey instanceof KeyObject)) cipher.srtpSessionKey = createSecretKey(cipher.srtpSessionKey);
  }
}
