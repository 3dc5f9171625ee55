import { isNetworkObservable } from "@roomtone/core";
import { startDevServer } from "@roomtone/dev-server";
import { type OpusDriverOptions, opusDriver } from "@roomtone/node-audio";
import { ExamPcmCapture } from "@roomtone/testing";
import { RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { describe, expect, it } from "vitest";
import { until } from "./support/hall.js";
import { listParticipants } from "./support/moderator.js";
import { startConfiguredServer } from "./support/server-with-config.js";
import { withLifetime } from "./support/with-lifetime.js";

const lifetime = withLifetime();

type Configure = Parameters<typeof startConfiguredServer>[0];

async function packetsArrive(configure: Configure, options: OpusDriverOptions, listens: boolean): Promise<void> {
  const server = lifetime().own(await startConfiguredServer(configure), (opened) => opened.close());
  const never = new AbortController().signal;
  const connection = lifetime().own(
    await opusDriver(options).connect({ url: server.url, token: await server.createToken("me"), subscribe: false, on: () => {} }, never),
    (opened) => opened.close(),
  );
  const capture = lifetime().own(new ExamPcmCapture(), (opened) => opened.close());
  const track = await connection.publish(capture, { trackId: "t", name: "t", source: "microphone", muted: false, opus: {} }, never);
  if (listens) {
    const token = await server.createToken("receiver");
    const receiver = lifetime().own(await RawSubscriber.join(server.url, token), (opened) => opened.leave());
    await until("packets arrive", () => receiver.packets.length > 50);
  }
  await until("the server reports arrival", async () => {
    const sample = isNetworkObservable(track) ? await track.networkSample() : undefined;
    return (sample?.arrivedMark ?? 0) > 0;
  });
}

describe("media of the opus driver", () => {
  it("goes over TCP where the server has no UDP", async () => {
    await packetsArrive(() => ({ rtc: { force_tcp: true } }), {}, false);
  });

  it("is not sent where only a relay is allowed and the server names none: the join is refused by name, and nobody stays in the room", async () => {
    const server = lifetime().own(await startDevServer(), (opened) => opened.close());
    const token = await server.createToken({ identity: "me", roomName: "relay" });
    const options = { url: server.url, token, subscribe: false, on: () => {} };
    const joining = opusDriver({ iceTransportPolicy: "relay" }).connect(options, new AbortController().signal);
    await expect(joining).rejects.toMatchObject({ code: "unsupported", message: expect.stringContaining("iceTransportPolicy") });
    await until("nobody is there", async () => (await listParticipants(server, "relay").catch(() => [])).length === 0);
  });

  it("goes through the server's relay where only the relay is allowed", async () => {
    await packetsArrive(
      ({ turn }) => ({
        turn: {
          enabled: true,
          domain: "127.0.0.1",
          udp_port: turn,
          relay_range_start: 31_000,
          relay_range_end: 31_099,
          allow_restricted_peer_cidrs: ["127.0.0.0/8"],
        },
      }),
      { iceTransportPolicy: "relay" },
      false,
    );
  });
});
