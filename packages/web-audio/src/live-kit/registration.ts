import type { LocalAudioTrack } from "livekit-client";
import { setPageTimer } from "../page-clock.js";

/** Packets after which a server surely has the track: the first may be lost. */
const ENOUGH_PACKETS = 5;
const POLL_MS = 40;
/** With discontinuous transmission silence is a packet every 400 ms. */
const DEADLINE_MS = 2500;

/** Resolves when silence of a muted track has reached the server, as far as this side can tell. */
export async function waitForFirstPackets(track: LocalAudioTrack): Promise<void> {
  for (let waitedMs = 0; waitedMs < DEADLINE_MS; waitedMs += POLL_MS) {
    const sent = (await track.getSenderStats())?.packetsSent ?? 0;
    if (sent >= ENOUGH_PACKETS) return;
    await new Promise<void>((resolve) => setPageTimer(resolve, POLL_MS));
  }
}
