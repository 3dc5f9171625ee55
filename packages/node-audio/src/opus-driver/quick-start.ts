import type { RTCDtlsTransport, RTCPeerConnection } from "werift";
import { repeatAssociation } from "./quick-association.js";
import { checkAtOnce } from "./quick-checks.js";
import { unseen } from "./unseen.js";

const prepared = new WeakSet<RTCDtlsTransport>();

/** Takes out of `peer`'s start what werift waits for without need. To be called before candidates are gathered. */
export function startQuickly(peer: RTCPeerConnection): void {
  for (const transport of unseen(prepared, peer.dtlsTransports)) {
    checkAtOnce(transport);
    keepEarlyHandshake(transport);
    repeatAssociation(peer, transport);
  }
}

/** The server's first words of DTLS may come before werift listens, and LiveKit repeats them after 100 ms: they are kept until it does. */
function keepEarlyHandshake(transport: RTCDtlsTransport): void {
  const { connection } = transport.iceTransport;
  const early: Buffer[] = [];
  const keeping = connection.onData.subscribe((packet) => {
    if (isDtls(packet) && early.length < 8) early.push(packet);
  });
  transport.onStateChange.once(() => {
    keeping.unSubscribe();
    // It listens when it has finished telling us that it begins.
    queueMicrotask(() => {
      for (const packet of early) connection.onData.execute(packet);
    });
  });
}

/** RFC 7983: what comes over one port is told apart by its first byte. */
function isDtls(packet: Buffer): boolean {
  const first = packet[0] ?? 0;
  return first >= 20 && first <= 63;
}
