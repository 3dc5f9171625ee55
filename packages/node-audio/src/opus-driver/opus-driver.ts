import { type RoomDriver, RoomtoneError } from "@roomtone/core";

export interface OpusDriverOptions {
  /** `relay`: media goes through the server's TURN relay only. Default `all`: UDP, then TCP, then the relay. */
  readonly iceTransportPolicy?: "all" | "relay";
}

/**
 * Publishes Opus packets that Roomtone encoded itself, or took from an encoded file: every Opus setting reaches the wire.
 * It hears nobody. What it speaks with is loaded by the first `connect`.
 */
export function opusDriver(options: OpusDriverOptions = {}): RoomDriver {
  return {
    name: "opus",
    canSubscribe: false,
    adapts: ["bitrateBps", "forwardErrorCorrection", "expectedPacketLossPercent", "frameDurationMs"],
    async connect(connectOptions, signal) {
      signal.throwIfAborted();
      if (connectOptions.subscribe) {
        throw new RoomtoneError("unsupported", "The opus driver publishes only. Choose the rtc driver to hear others.");
      }
      const { connectOpus } = await import("./connect.js");
      return connectOpus(connectOptions, options, signal);
    },
  };
}
