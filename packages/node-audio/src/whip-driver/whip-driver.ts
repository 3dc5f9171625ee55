import { type RoomDriver, RoomtoneError } from "@roomtone/core";

export interface WhipDriverOptions {
  /** `relay`: media goes through a TURN relay of the server's only. Default `all`. */
  readonly iceTransportPolicy?: "all" | "relay";
}

/**
 * Publishes one track of Opus to any server that takes WHIP (RFC 9725), LiveKit's own among them: every Opus setting reaches the
 * wire, stereo where the server asks for it. WHIP is a way in for media alone. There are no participants and no data; the server
 * gives the track its name; others cannot see a mute, though it sends nothing, which a `warning` says. Any text is a token, or none.
 * The URL is the endpoint's; `wss:` and `ws:`, or no path, mean a LiveKit server.
 */
export function whipDriver(options: WhipDriverOptions = {}): RoomDriver {
  const endings = new Map<string, number[]>();
  return {
    name: "whip",
    canSubscribe: false,
    tokenKind: "any",
    adapts: ["bitrateBps", "forwardErrorCorrection", "expectedPacketLossPercent", "frameDurationMs"],
    async connect(connectOptions, signal) {
      signal.throwIfAborted();
      if (connectOptions.subscribe) {
        throw new RoomtoneError("unsupported", "The whip driver publishes only. Choose the rtc driver to hear others.");
      }
      const { connectWhip } = await import("./connect.js");
      return connectWhip(connectOptions, { iceTransportPolicy: options.iceTransportPolicy ?? "all", endings }, signal);
    },
  };
}
