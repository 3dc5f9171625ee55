import type { RTCPeerConnection } from "werift";

/** Of those that come before the description that they belong to: a server has a handful of addresses. */
export const MOST_CANDIDATES = 64;

/** Gives `peer` a candidate as the server sent it. One that cannot be read or used is left out: it is not the last. */
export async function addCandidateTo(peer: RTCPeerConnection, candidateInit: string): Promise<void> {
  try {
    await peer.addIceCandidate(JSON.parse(candidateInit));
  } catch {
    // the others may be of use
  }
}
