import type { RtcNodePeer } from "@roomtone/testing/rtc-node-peer";
import { until } from "./hall.js";

/** What a LiveKit server calls whatever comes by WHIP. */
export const WHIP_TRACK = "synthesized-microphone";

export function hearsWhip(peer: RtcNodePeer, frequencyHz = 440): Promise<void> {
  return until(`a peer hears ${frequencyHz} Hz`, async () => {
    const heard = await peer.hear("me", WHIP_TRACK, 300);
    return heard.level > 0.05 && Math.abs(heard.frequencyHz - frequencyHz) < 15;
  });
}
