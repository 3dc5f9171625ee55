import type { RTCDtlsTransport, RTCPeerConnection } from "werift";

/** After the end of DTLS and two round trips, of which an answer takes one; werift's own first repeat comes after 3 s. */
const REPEATS_AFTER_MS = [200, 600, 1400];
const PATIENCE_ROUND_TRIPS = 2;

/** What is used of werift's SCTP association. */
interface Association {
  /** What it waits for an answer to while it is set up. */
  readonly timer1Chunk?: object;
  sendChunk(chunk: object): Promise<void>;
}

/**
 * Data channels are set up by one message after the other, and LiveKit lists no track before they are. A message that is lost is repeated
 * as soon as its answer is late.
 */
export function repeatAssociation(peer: RTCPeerConnection, transport: RTCDtlsTransport): void {
  const timers: NodeJS.Timeout[] = [];
  const repeat = () => {
    const association = peer.sctpTransport?.sctp as unknown as Association | undefined;
    if (association?.timer1Chunk) association.sendChunk(association.timer1Chunk).catch(() => {});
  };
  transport.onStateChange.subscribe((state) => {
    for (const timer of timers.splice(0)) clearTimeout(timer);
    if (state !== "connected") return;
    const patienceMs = PATIENCE_ROUND_TRIPS * roundTripMs(transport);
    for (const afterMs of REPEATS_AFTER_MS) timers.push(setTimeout(repeat, patienceMs + afterMs).unref());
  });
}

/** As the check of this way took; 0 where it was not measured. */
function roundTripMs({ iceTransport }: RTCDtlsTransport): number {
  const { nominated } = iceTransport.connection as unknown as { readonly nominated?: { readonly rtt?: number } };
  return 1000 * (nominated?.rtt ?? 0);
}
