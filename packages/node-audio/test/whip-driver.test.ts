import { type DriverPublishOptions, isNetworkObservable } from "@roomtone/core";
import { whipDriver } from "@roomtone/node-audio";
import { beforeEach, describe, expect, it } from "vitest";
import { DriverPublisher, publishTrack } from "./support/driver-publisher.js";
import { until, withHall } from "./support/hall.js";
import { signToken } from "./support/moderator.js";
import { hearsWhip, WHIP_TRACK } from "./support/whip-track.js";

const never = new AbortController().signal;
const hall = withHall();
let me: DriverPublisher;
beforeEach(() => {
  me = new DriverPublisher(hall(), whipDriver());
});

describe("WHIP into a LiveKit server", () => {
  it("is heard by others, knows how it fares, and takes another capture in the same track", async () => {
    const peer = await hall().peer("ear");
    const connection = await me.join();
    expect(connection).toMatchObject({ room: { name: hall().roomName }, localParticipant: { identity: "me" }, participants: [] });
    const track = await publishTrack(connection, me.tone());
    await hearsWhip(peer);
    if (!isNetworkObservable(track)) expect.unreachable();
    await until("the server reports arrival", async () => ((await track.networkSample()).arrivedMark ?? 0) > 0);
    if (!("replace" in track) || typeof track.replace !== "function") expect.unreachable();
    await track.replace(me.tone({ frequencyHz: 660 }));
    await hearsWhip(peer, 660);
    expect(await hall().tracks("me")).toHaveLength(1);
  });

  it("sends nothing while muted, and says that nobody can see it", async () => {
    const peer = await hall().peer("ear");
    const track = await publishTrack(await me.join(), me.tone());
    await hearsWhip(peer);
    await track.setMuted(true);
    await until("a peer hears nothing", async () => (await peer.hear("me", WHIP_TRACK, 500)).level < 0.002);
    await track.setMuted(false);
    await hearsWhip(peer);
    await track.setMuted(true);
    expect(me.events).toEqual([{ type: "warning", message: expect.stringContaining("WHIP cannot show that to others") }]);
    expect((await hall().tracks("me"))[0]?.muted).toBe(false);
  });

  it("leaves at once, and after an unpublish publishes anew", async () => {
    const peer = await hall().peer("ear");
    const connection = await me.join();
    const gone = () => until("a peer sees nobody", async () => (await peer.participants()).length === 0);
    const track = await publishTrack(connection, me.tone());
    await hearsWhip(peer);
    await Promise.all([track.unpublish(), track.unpublish()]);
    await gone();
    await publishTrack(connection, me.tone({ frequencyHz: 660 }));
    await hearsWhip(peer, 660);
    await Promise.all([connection.close(), connection.close()]);
    await gone();
    await expect(publishTrack(connection, me.tone())).rejects.toMatchObject({ code: "server-unreachable" });
    expect(me.events).toEqual([]);
  });

  it("refuses by name what WHIP or the server cannot do, and goes on", async () => {
    const connection = await me.join();
    const unsupported = (options: Partial<DriverPublishOptions>, capture = me.tone()) =>
      expect(publishTrack(connection, capture, options)).rejects.toMatchObject({ code: "unsupported" });
    await unsupported({ profile: "music" }, me.tone({ channels: 2 })); // LiveKit's WHIP is mono
    await unsupported({ opus: { channels: 2 } });
    await unsupported({ source: "screen-share-audio" });
    const track = await publishTrack(connection, me.tone());
    await unsupported({ trackId: "second" });
    await track.unpublish();
    const hearing = whipDriver().connect({ url: hall().server.url, token: await hall().token("me"), subscribe: true, on: () => {} }, never);
    await expect(hearing).rejects.toMatchObject({ code: "unsupported" });
  });

  it.each([
    ["forged", `rtsecret_${"x".repeat(40)}`, 3600, "token-invalid"],
    ["expired", undefined, -3600, "token-expired"],
  ])("names a token that is %s, and never repeats it", async (_, secret, validForS, code) => {
    const { server, roomName } = hall();
    const nowS = Math.floor(Date.now() / 1000);
    const claims = { iss: server.apiKey, sub: "me", nbf: nowS - 7200, exp: nowS + validForS, video: { roomJoin: true, room: roomName } };
    const token = signToken(secret ?? server.apiSecret, claims);
    const joining = whipDriver().connect({ url: server.url, token, subscribe: false, on: () => {} }, never);
    const error: unknown = await joining.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code, details: { status: 401 } });
    expect(JSON.stringify([(error as Error).message, (error as Error).cause])).not.toContain(token);
  });
});
