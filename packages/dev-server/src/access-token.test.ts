import { isRoomtoneError } from "@roomtone/core";
import { TokenVerifier } from "livekit-server-sdk";
import { expect, it } from "vitest";
import { createAccessToken, DEFAULT_TOKEN_VALID_FOR_S } from "./access-token.js";
import { createServerKeys } from "./server-keys.js";

const keys = createServerKeys();
const verifier = new TokenVerifier(keys.apiKey, keys.apiSecret);

it("makes tokens that LiveKit's own verifier accepts, with the least that a participant needs", async () => {
  const claims = await verifier.verify(await createAccessToken({ ...keys, identity: "ann", roomName: "hall" }));
  expect(claims.sub).toBe("ann");
  expect(claims.video).toEqual({ roomJoin: true, room: "hall", canPublish: true, canSubscribe: true, canPublishData: true });
  expect((claims.exp ?? 0) - (claims.nbf ?? 0)).toBe(DEFAULT_TOKEN_VALID_FOR_S);
});

it("carries every claim in LiveKit's spelling", async () => {
  const token = await createAccessToken({
    ...keys,
    identity: "zoë",
    roomName: "a room/with? marks",
    name: "Zoë",
    metadata: '{"a":1}',
    attributes: { mood: "☀" },
    validForS: 30,
    canPublish: false,
    canSubscribe: false,
    canPublishData: false,
    canPublishSources: ["microphone", "screen-share-audio"],
    hidden: true,
    roomAdmin: true,
    roomConfig: { emptyTimeout: 7 },
  });
  const claims = await verifier.verify(token);
  expect(claims).toMatchObject({
    sub: "zoë",
    name: "Zoë",
    metadata: '{"a":1}',
    attributes: { mood: "☀" },
    roomConfig: { emptyTimeout: 7 },
  });
  expect(claims.video).toEqual({
    roomJoin: true,
    room: "a room/with? marks",
    canPublish: false,
    canSubscribe: false,
    canPublishData: false,
    canPublishSources: ["microphone", "screen_share_audio"],
    hidden: true,
    roomAdmin: true,
  });
});

it.each([{ identity: "" }, { roomName: "" }, { apiKey: "" }, { apiSecret: "" }, { validForS: 0 }, { validForS: Number.NaN }])(
  "refuses %o with a sentence that does not hold the secret",
  async (wrong) => {
    const error = await createAccessToken({ ...keys, identity: "ann", roomName: "hall", ...wrong }).catch((cause: unknown) => cause);
    expect(isRoomtoneError(error, "usage")).toBe(true);
    expect(String(error)).not.toContain(keys.apiSecret);
  },
);
