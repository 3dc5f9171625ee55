import { RoomServiceClient } from "livekit-server-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrowserStage, eventually, heard, plays } from "./browser-stage.js";
import { JoinLeavePage } from "./join-leave.js";

describe("a page in a room", () => {
  let stage: BrowserStage;
  beforeAll(async () => {
    stage = await BrowserStage.open();
  });
  afterAll(() => stage?.close());

  it("is heard in Node, hears Node, and hears another page", async () => {
    const [page, other] = await Promise.all([stage.visit(), stage.visit()]);
    const peer = await stage.peer("node", "voices");
    await peer.publish(1000, { name: "tone" });
    await Promise.all([page.evaluate(() => visitor.open({ profile: "music" })), other.evaluate(() => visitor.open({ profile: "music" }))]);
    await stage.joinAndPublish(page, "page", "voices", { subscribe: true });
    await stage.joinAndPublish(other, "other", "voices", { subscribe: true });
    await Promise.all([heard(peer, "page", 440), heard(peer, "other", 440)]);
    await plays(page, "node", 1000);
    await plays(page, "other", 440);
    await plays(other, "page", 440);
    await Promise.all([page, other].map((visited) => visited.evaluate(() => visitor.end())));
  });

  it("mutes its publication and not its microphone", async () => {
    const page = await stage.visit();
    const peer = await stage.peer("node", "mute");
    await page.evaluate(() => visitor.open({ profile: "music" }));
    await stage.joinAndPublish(page, "page", "mute");
    await heard(peer, "page", 440);
    await page.evaluate(() => visitor.openMeter());
    await page.evaluate(async () => {
      await visitor.setMuted(true);
      visitor.meterMuted(true);
    });
    await eventually("nothing is heard", async () => (await peer.hear("page", "microphone", 300)).level < 0.002);
    await eventually("talking while muted is noticed", () => page.evaluate(() => visitor.reading?.talkingWhileMuted === true));
    const facts = await page.evaluate(() => visitor.facts());
    expect(facts).toMatchObject({ readyState: "live", enabled: true, publication: { muted: true } });
    await page.evaluate(() => visitor.setMuted(false));
    await heard(peer, "page", 440);
    await page.evaluate(() => visitor.end());
  });

  it("lets go of the device while muted with muteMode release, and is heard on the same track afterwards", async () => {
    const page = await stage.visit();
    const peer = await stage.peer("node", "release");
    await page.evaluate(() => visitor.open({ profile: "music", muteMode: "release" }));
    await stage.joinAndPublish(page, "page", "release");
    await heard(peer, "page", 440);
    const before = await page.evaluate(() => visitor.facts());
    await page.evaluate(() => visitor.setMuted(true));
    expect(await page.evaluate(() => visitor.facts())).toMatchObject({ readyState: "ended", liveTracks: 0 });
    await page.evaluate(() => visitor.setMuted(false));
    await heard(peer, "page", 440);
    const after = await page.evaluate(() => visitor.facts());
    expect(after).toMatchObject({ readyState: "live", liveTracks: 1, publication: { sid: before.publication?.sid, muted: false } });
    await page.evaluate(() => visitor.end());
    expect((await page.evaluate(() => visitor.facts())).liveTracks).toBe(0);
  });

  it("switches devices while live, without publishing again", async () => {
    const page = await stage.visit();
    const peer = await stage.peer("node", "switch");
    await page.evaluate(() => visitor.open({ profile: "music" }));
    await stage.joinAndPublish(page, "page", "switch");
    await heard(peer, "page", 440);
    const before = await page.evaluate(() => visitor.facts());
    const inputs = (await page.evaluate(() => visitor.listDevices())).filter(({ kind }) => kind === "input");
    const target = inputs.findLast((device) => device.deviceId !== before.deviceId && !device.isDefault);
    if (!target) throw new Error("Chromium's fake devices are gone");
    await page.evaluate((deviceId) => visitor.microphone.switchDevice(deviceId), target.deviceId);
    await heard(peer, "page", 440);
    const after = await page.evaluate(() => visitor.facts());
    expect(after).toMatchObject({ deviceId: target.deviceId, liveTracks: 1, publication: { sid: before.publication?.sid } });
    await page.evaluate(() => visitor.end());
  });

  it("replaces a track that ended behind a locked screen when the page is shown again", async () => {
    const page = await stage.visit();
    const peer = await stage.peer("node", "screen");
    await page.evaluate(() => visitor.open({ profile: "music" }));
    await stage.joinAndPublish(page, "page", "screen");
    const before = await page.evaluate(() => visitor.facts());
    await page.evaluate(() => {
      visitor.endTrackBehindTheScreen();
      visitor.show();
    });
    await eventually("the microphone is back", async () => (await page.evaluate(() => visitor.facts())).readyState === "live");
    await heard(peer, "page", 440);
    const after = await page.evaluate(() => ({ ...visitor.facts(), captureEvents: visitor.captureEvents.map(({ type }) => type) }));
    expect(after).toMatchObject({ publication: { sid: before.publication?.sid }, captureEvents: ["device-lost", "device-restored"] });
    await page.evaluate(() => visitor.end());
  });

  it("comes back when the server does: the same live microphone, the same mute", async () => {
    const [page, silent, released] = await Promise.all([stage.visit(), stage.visit(), stage.visit()]);
    await Promise.all([page, silent].map((visited) => visited.evaluate(() => visitor.open({ profile: "music" }))));
    await released.evaluate(() => visitor.open({ profile: "music", muteMode: "release" }));
    await stage.joinAndPublish(released, "released", "outage", { muted: true });
    await stage.joinAndPublish(page, "page", "outage", { subscribe: true });
    await stage.joinAndPublish(silent, "silent", "outage", { subscribe: true, muted: true });
    await plays(silent, "page", 440);
    const before = await page.evaluate(() => visitor.facts());
    await stage.server.kill("SIGKILL");
    await eventually("the outage is told", async () => (await page.evaluate(() => visitor.facts())).connection === "reconnecting");
    await stage.server.start();
    await plays(silent, "page", 440);
    await eventually("the muted one is back", async () => (await silent.evaluate(() => visitor.facts())).publication?.status === "live");
    const after = await page.evaluate(() => visitor.facts());
    expect(after).toMatchObject({ connection: "connected", trackId: before.trackId, readyState: "live", tracksSoFar: 1 });
    expect(after.publication?.sid).not.toBe(before.publication?.sid);
    expect(await silent.evaluate(() => visitor.facts())).toMatchObject({ publication: { muted: true }, readyState: "live" });
    expect((await page.evaluate(() => visitor.hear("silent"))).level).toBeLessThan(0.002);
    // Its device stayed closed all the time, and it is there all the same.
    await eventually("the one without a device is back", async () => {
      const { publication } = await released.evaluate(() => visitor.facts());
      return publication?.status === "live" && publication.muted;
    });
    expect(await released.evaluate(() => visitor.facts())).toMatchObject({ tracksSoFar: 1, liveTracks: 0 });
    await eventually("others see its track", () => page.evaluate(() => visitor.tracksOf("released") === 1));
    await released.evaluate(() => visitor.setMuted(false));
    await plays(page, "released", 440);
    await Promise.all([page, silent, released].map((visited) => visited.evaluate(() => visitor.end())));
  });

  it("leaves no room, connection, track or listener behind in a page that joins and leaves ten times", async () => {
    const page = await JoinLeavePage.open(stage);
    const before = await page.count();
    await page.cycle(10);
    await page.settled(before);
  });

  it("says server-full where the room takes nobody more", async () => {
    const { httpUrl, apiKey, apiSecret, url } = stage.server;
    await new RoomServiceClient(httpUrl, apiKey, apiSecret).createRoom({ name: "full", maxParticipants: 1 });
    await stage.peer("node", "full");
    const page = await stage.visit();
    const token = await stage.token("page", "full");
    const code = await page.evaluate(
      (facts) => failureOf(() => visitor.join(facts.url, facts.token, false, 0)).then((failure) => failure.code),
      { url, token },
    );
    expect(code).toBe("server-full");
  });

  it("lets no script write the token anywhere: not to the console, the address or storage", async () => {
    const page = await stage.visit();
    const failed = await page.evaluate(
      ([url, token]) =>
        visitor.join(url, token).then(
          () => "joined",
          (error: Error) => JSON.stringify([error.message, error]),
        ),
      [stage.server.url, `${await stage.token("page", "secret")}x`] as const,
    );
    expect(failed).toContain("refused the token");
    const kept = await page.evaluate(() => JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }, document.cookie]));
    const said = [...stage.console, failed, kept].join("\n");
    for (const token of stage.tokens) expect(said).not.toContain(token);
    expect(kept).not.toContain("loglevel");
  });
});
