import type { RTCDtlsTransport, RTCPeerConnection } from "werift";

const prepared = new WeakSet<RTCDtlsTransport>();

/** Takes out of `peer`'s start what werift waits for without need: some 200 ms. To be called before candidates are gathered. */
export function startQuickly(peer: RTCPeerConnection): void {
  for (const transport of peer.dtlsTransports) {
    if (prepared.has(transport)) continue; // another negotiation over the same way
    prepared.add(transport);
    stopChecksAtFirstWay(transport);
    keepEarlyHandshake(transport);
  }
}

/**
 * werift starts a check of another way every 20 ms, and goes on to DTLS when it has started them all, though the first one may have found
 * the way long before: 100 ms for one machine and one server. Where there is a way, no other is looked for.
 */
function stopChecksAtFirstWay({ iceTransport }: RTCDtlsTransport): void {
  const ice = iceTransport.connection as unknown as { readonly nominated?: object; schedulingChecks(): boolean };
  const scheduleNext = ice.schedulingChecks.bind(ice);
  ice.schedulingChecks = () => ice.nominated === undefined && scheduleNext();
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
