import type { RoomEvent } from "@roomtone/core";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { People } from "../src/components/people.js";
import { StudioProvider } from "../src/hooks/use-studio.js";
import type { Stay } from "../src/state/stay.js";
import { initialStayState, reduceStay } from "../src/state/stay-state.js";
import { Store } from "../src/state/store.js";
import type { Studio } from "../src/state/studio.js";

const connected: RoomEvent = {
  type: "connected",
  room: { sid: "RM", name: "hall", metadata: "" },
  localParticipant: { sid: "PA_me", identity: "me", name: "Me", metadata: "", attributes: {} },
  participants: [],
  attempt: 1,
};
const lost: RoomEvent = { type: "reconnecting", reason: "signal", attempt: 1 };

describe("a room with nobody else in it", () => {
  /** A server that is not the page's own takes tokens that the page does not give. */
  const shown = (events: readonly RoomEvent[], serverUrl = ""): string => {
    const stay = new Store(events.reduce(reduceStay, initialStayState)) as unknown as Stay;
    const studio = { link: { roomName: "hall", listen: false, serverUrl } } as Studio;
    return renderToStaticMarkup(createElement(StudioProvider, { value: studio }, createElement(People, { stay, onSkip: undefined })));
  };

  it("asks to invite somebody, and says what they need", () => {
    expect(shown([connected])).toContain("Invite somebody; they join with one click.");
    expect(shown([connected], "wss://live.example.com")).toContain("Invite somebody; they need a token of their own.");
  });

  it("says during an outage what was, and asks nobody in", () => {
    const words = shown([connected, lost]);
    expect(words).toContain("Nobody else was here");
    expect(words).toContain("Whoever came meanwhile appears when the connection is back.");
    expect(words).not.toContain("Invite");
  });
});
