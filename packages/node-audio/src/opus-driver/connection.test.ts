import { DisconnectReason, JoinResponse, LeaveRequest, LeaveRequest_Action } from "@livekit/protocol";
import type { DriverEvent } from "@roomtone/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OpusConnection } from "./connection.js";
import type { MediaLink, MediaSignalling } from "./media-link.js";
import type { SignalClient, SignalListener } from "./signal-client.js";

/** A connection whose signalling and media say what the test wants, in the order that it wants. */
function connectionInHand(): { readonly events: DriverEvent[]; readonly signal: SignalListener; readonly media: MediaSignalling } {
  let signal: SignalListener | undefined;
  let media: MediaSignalling | undefined;
  const events: DriverEvent[] = [];
  const client = {
    keepAlive: () => {},
    listen: (listener: SignalListener) => {
      signal = listener;
    },
    send: () => true,
    sendLeave: () => {},
    close: async () => {},
  };
  const link = {
    isConnected: false,
    onData: () => {},
    begin: async (signalling: MediaSignalling) => {
      media = signalling;
    },
    close: async () => {},
  };
  const participant = { sid: "PA_1", identity: "me" };
  new OpusConnection(client as unknown as SignalClient, new JoinResponse({ room: { name: "stage" }, participant }), {
    url: "ws://localhost:1",
    link: link as unknown as MediaLink,
    offered: false,
    iceTransportPolicy: "all",
    loopback: true,
    on: (event) => events.push(event),
    reopen: () => Promise.reject(new Error("gone")),
    onToken: () => {},
  });
  if (!signal || !media) throw new Error("the connection listens to neither");
  return { events, signal, media };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a connection whose media is gone", () => {
  it("ends with the server's word for why, though that is read after", async () => {
    const { events, signal, media } = connectionInHand();
    media.onLost("media failed");
    await vi.advanceTimersByTimeAsync(100);
    const removed = { reason: DisconnectReason.PARTICIPANT_REMOVED, action: LeaveRequest_Action.DISCONNECT };
    signal.onMessage({ case: "leave", value: new LeaveRequest(removed) });
    expect(events).toEqual([{ type: "disconnected", reason: "participant-removed" }]);
    await vi.advanceTimersByTimeAsync(1000);
    expect([events.length, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it("ends without a word within 250 ms, or when the signalling goes, too", async () => {
    const silent = connectionInHand();
    silent.media.onLost("media failed");
    silent.media.onLost("media disconnected");
    await vi.advanceTimersByTimeAsync(250);
    const cut = connectionInHand();
    cut.media.onLost("media failed");
    cut.signal.onLost("the signal connection closed");
    for (const { events } of [silent, cut]) expect(events).toEqual([{ type: "disconnected", reason: "connection-lost" }]);
  });
});
