import type { RTCPeerConnection } from "werift";

/** A handshake's first flight is one packet, and a server repeats it every 100 ms at the most often. */
const MAX_KEPT_PACKETS = 8;

/**
 * A server begins DTLS as soon as it has an answer to its check, and werift listens up to 20 ms later: what comes between is kept and
 * heard then. Lost, it would be repeated after 100 ms, or after a second. To be called before candidates are gathered, once a connection.
 */
export function hearEarlyHandshake(peer: RTCPeerConnection): void {
  for (const transport of peer.dtlsTransports) {
    const { onData } = transport.iceTransport.connection;
    const kept: Buffer[] = [];
    const packets = onData.subscribe((packet) => {
      if (transport.state === "new" && kept.length < MAX_KEPT_PACKETS) kept.push(packet);
    });
    const states = transport.onStateChange.subscribe(() => {
      states.unSubscribe();
      packets.unSubscribe();
      // It says that it is connecting just before it listens.
      queueMicrotask(() => {
        for (const packet of kept) onData.execute(packet);
      });
    });
  }
}
