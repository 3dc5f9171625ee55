import {
  ConnectionQuality,
  ConnectionQualityInfo,
  ConnectionQualityUpdate,
  LeaveRequest,
  LeaveRequest_Action,
  RegionInfo,
  RegionSettings,
  DisconnectReason as VendorReason,
} from "@livekit/protocol";
import { isNetworkObservable, type RoomConnection } from "@roomtone/core";
import { opusDriver } from "@roomtone/node-audio";
import { beforeEach, describe, expect, it } from "vitest";
import { otherRegion } from "../src/opus-driver/protocol-mapping.js";
import { DriverPublisher, publishTrack } from "./support/driver-publisher.js";
import { until, withHall } from "./support/hall.js";
import { setMayPublish } from "./support/moderator.js";
import { openSignalRelay, type SignalRelay } from "./support/signal-relay.js";

const hall = withHall();
let relay: SignalRelay;
let me: DriverPublisher;
beforeEach(async () => {
  relay = hall().lifetime.own(await openSignalRelay(hall().server.url), (opened) => opened.close());
  me = new DriverPublisher(hall(), opusDriver(), relay.url);
});

const publish = (connection: RoomConnection, muted = false) => publishTrack(connection, me.tone(), { muted, opus: {} });

/** Whether the server has told us that it lists `sid`. */
const isListed = (sid: string) =>
  relay.responses.some(
    (message) =>
      message.case === "update" &&
      message.value.participants.some(({ identity, tracks }) => identity === "me" && tracks.some((track) => track.sid === sid)),
  );

describe("a publish", () => {
  it("resolves when the server lists the track, the first and later ones, muted or not", async () => {
    const connection = await me.join();
    for (const muted of [false, true, false, true]) {
      const track = await publish(connection, muted);
      expect(isListed(track.sid)).toBe(true);
    }
  });

  it("at a server that does not say what it lists resolves when the first packets are reported to have arrived", async () => {
    const connection = await me.join();
    relay.filter((message) => message.case !== "update");
    const track = await publish(connection, true);
    if (!isNetworkObservable(track)) expect.unreachable();
    expect((await track.networkSample()).arrivedMark).toBeGreaterThan(0);
  });
});

describe("the server's word to leave", () => {
  const { DISCONNECT, RECONNECT, RESUME } = LeaveRequest_Action;
  const says = (action: LeaveRequest_Action, reason = VendorReason.UNKNOWN_REASON, more: Partial<LeaveRequest> = {}) =>
    relay.say({ case: "leave", value: new LeaveRequest({ action, reason, ...more }) });
  const last = () => me.events.at(-1);

  it.each([
    [DISCONNECT, VendorReason.PARTICIPANT_REMOVED, "participant-removed"],
    [DISCONNECT, VendorReason.DUPLICATE_IDENTITY, "duplicate-identity"],
    [DISCONNECT, VendorReason.ROOM_DELETED, "room-deleted"],
    [DISCONNECT, VendorReason.SERVER_SHUTDOWN, "server-shutdown"],
    [RECONNECT, VendorReason.SERVER_SHUTDOWN, "rejoin-requested"],
    [RECONNECT, VendorReason.MIGRATION, "rejoin-requested"],
  ])("with action %i and reason %i ends the connection as such", async (action, reason, expected) => {
    await me.join();
    says(action, reason);
    await until("the connection is over", () => last()?.type === "disconnected");
    expect(last()).toEqual({ type: "disconnected", reason: expected });
  });

  it("for another region names the address to join at, and never one that would send the token in the open", async () => {
    await me.join();
    const region = (url: string) => new RegionInfo({ region: "elsewhere", url });
    says(RECONNECT, VendorReason.MIGRATION, {
      regions: new RegionSettings({ regions: [region("not a url"), region("wss://elsewhere.test")] }),
    });
    await until("the connection is over", () => last()?.type === "disconnected");
    expect(last()).toEqual({ type: "disconnected", reason: "rejoin-requested", url: "wss://elsewhere.test" });
    const leave = new LeaveRequest({ regions: new RegionSettings({ regions: [region("ws://elsewhere.test")] }) });
    expect(otherRegion(leave, "wss://here.test")).toBeUndefined();
  });

  it("by resuming takes the same session up again, with the newest token, and keeps the track", async () => {
    const connection = await me.join();
    const track = await publish(connection);
    const newest = await hall().token("me");
    relay.say({ case: "refreshToken", value: newest });
    await until("the driver tells of the token", () => me.events.some(({ type }) => type === "token-refreshed"));
    says(RESUME);
    await until("it is taken up again", () => me.events.some(({ type }) => type === "resumed"));
    expect(relay.tokens.at(-1)).toBe(newest);
    expect(new URL(relay.addresses.at(-1) ?? "", "ws://host").searchParams.has("join_request")).toBe(true);
    expect((await hall().tracks("me")).map(({ sid }) => sid)).toEqual([track.sid]);
    expect(me.events.map(({ type }) => type)).not.toContain("disconnected");
  });
});

describe("the server's rating of a connection", () => {
  it("is told for each that it rates, ourselves too, and of a stranger nothing", async () => {
    const { localParticipant } = await me.join();
    const rated = (participantSid: string, quality: ConnectionQuality) => new ConnectionQualityInfo({ participantSid, quality });
    const { POOR, LOST, EXCELLENT } = ConnectionQuality;
    const updates = [rated(localParticipant.sid, POOR), rated("PA_stranger", LOST), rated(localParticipant.sid, EXCELLENT)];
    relay.say({ case: "connectionQuality", value: new ConnectionQualityUpdate({ updates }) });
    const told = () => me.events.filter(({ type }) => type === "connection-quality");
    await until("it is told", () => told().length >= 2);
    expect(told().slice(0, 2)).toEqual(["poor", "excellent"].map((quality) => ({ type: "connection-quality", identity: "me", quality })));
  });
});

describe("the right to publish", () => {
  it("taken away ends the track with the grant's name, refuses the next, and given back is taken up", async () => {
    const connection = await me.join();
    const track = await publish(connection);
    await setMayPublish(hall().server, hall().roomName, "me", false);
    await until("the track is lost", () => me.events.some(({ type }) => type === "track-lost"));
    expect(me.events.find(({ type }) => type === "track-lost")).toMatchObject({
      trackId: track.id,
      error: { code: "grant-missing", details: { grant: "canPublish" } },
    });
    await expect(publish(connection)).rejects.toMatchObject({ code: "grant-missing" });
    await setMayPublish(hall().server, hall().roomName, "me", true);
    await until("we may again", async () => {
      try {
        return (await publish(connection)).sid !== track.sid;
      } catch {
        return false;
      }
    });
  });
});
