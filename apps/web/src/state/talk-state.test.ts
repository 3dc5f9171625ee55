import { type RoomEvent, RoomtoneError } from "@roomtone/core";
import { describe, expect, it } from "vitest";
import { initialStayState, reduceStay, type StayState } from "./stay-state.js";
import { describeTalk } from "./talk-state.js";

const me = { sid: "PA_me", identity: "me", name: "Me", metadata: "", attributes: {} };
const publication = { id: "own", sid: "TR_own", name: "microphone", source: "microphone", muted: false, status: "live" } as const;
const live: readonly RoomEvent[] = [
  { type: "connected", room: { sid: "RM", name: "hall", metadata: "" }, localParticipant: me, participants: [], attempt: 1 },
  { type: "published", publication, driver: "livekit-client", elapsedMs: 1 },
];
const stayAfter = (...events: readonly RoomEvent[]): StayState =>
  [...live, ...events].reduce<StayState>(reduceStay, { ...initialStayState, speaking: "yes" });
const open = { status: "open" } as const;

describe("what one is told of one's own voice", () => {
  it("is that it is on air only while it is heard", () => {
    expect(describeTalk(stayAfter(), open)).toEqual({ words: "You are on air", onAir: true });
    expect(describeTalk(stayAfter({ type: "reconnecting", reason: "signal", attempt: 1 }), open).onAir).toBe(false);
    expect(describeTalk(stayAfter(), { status: "lost" })).toEqual({ words: "Nobody hears you now", onAir: false });
    expect(describeTalk(stayAfter({ type: "publication-lost", publication: { ...publication, status: "publishing" } }), open).onAir).toBe(
      false,
    );
    expect(describeTalk(stayAfter({ type: "muted", publication: { ...publication, muted: true }, by: "user" }), open).onAir).toBe(false);
  });

  it("is that one only listens once the microphone is gone for good, or the server takes it no more", () => {
    expect(stayAfter({ type: "unpublished", publication: { ...publication, status: "unpublished" } }).speaking).toBe("no");
    const error = new RoomtoneError("grant-missing", "The token does not allow publishing this track.");
    const refused = stayAfter({ type: "publish-failed", publication: { ...publication, status: "failed" }, error });
    expect([refused.speaking, refused.publishError]).toEqual(["no", error]);
  });
});
