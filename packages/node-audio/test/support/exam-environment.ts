import type { RoomDriver } from "@roomtone/core";
import { startDevServer } from "@roomtone/dev-server";
import { ExamPcmCapture, type ExamTokenOptions, type RoomDriverExamEnvironment, systemTime } from "@roomtone/testing";
import { RtcNodePeer } from "@roomtone/testing/rtc-node-peer";
import { createModerator, listParticipants, signToken } from "./moderator.js";
import { freePort } from "./server-with-config.js";

/** A driver at a real server, with rtc-node peers wired by hand. */
export async function openExamEnvironment(driver: RoomDriver): Promise<RoomDriverExamEnvironment> {
  const server = await startDevServer();
  const token = ({ identity, room, name, metadata, grants = {}, fault }: ExamTokenOptions) => {
    const nowS = Math.floor(Date.now() / 1000);
    return signToken(fault === "wrong-signature" ? `rtsecret_${"x".repeat(40)}` : server.apiSecret, {
      iss: server.apiKey,
      sub: identity,
      nbf: nowS - 7200,
      exp: nowS + (fault === "expired" ? -3600 : 3600),
      name,
      metadata,
      video: { roomJoin: true, room, canPublish: true, canSubscribe: true, canPublishData: true, ...grants },
    });
  };
  return {
    driver,
    url: server.url,
    deadUrl: `ws://127.0.0.1:${await freePort()}`,
    time: systemTime(),
    abilities: { replace: true, networkSamples: true, data: true },
    token: async (options) => token(options),
    join: ({ identity, room }) =>
      RtcNodePeer.join(server.url, token({ identity, room }), async (sid) =>
        (await listParticipants(server, room)).some(({ tracks }) => tracks.some((track) => track.sid === sid)),
      ),
    moderator: createModerator(server),
    capture: (frequencyHz) => new ExamPcmCapture({ frequencyHz }),
    close: () => server.close(),
  };
}
