import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64Url, decodeUtf8 } from "./base64url.js";
import { isRoomtoneError } from "./errors.js";
import { checkToken, mayPublish, readToken } from "./token-claims.js";

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const tokenOf = (claims: unknown) => `${encode({ alg: "HS256" })}.${encode(claims)}.${Buffer.from("signature").toString("base64url")}`;
const failure = (action: () => unknown): unknown => {
  try {
    return action();
  } catch (error) {
    return error;
  }
};

describe("base64url and UTF-8", () => {
  it("decode what the platform encodes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect([...(decodeBase64Url(Buffer.from(bytes).toString("base64url")) ?? [])]).toEqual([...bytes]);
      }),
    );
    // As fast-check's own unit "binary", which takes a second to make: any code point but half a pair.
    const codePoint = fc.oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }));
    const anyText = fc.string({ unit: codePoint.map((code) => String.fromCodePoint(code)) });
    fc.assert(
      fc.property(anyText, (text) => {
        expect(decodeUtf8(new TextEncoder().encode(text))).toBe(text);
      }),
    );
  });

  it("refuse what the platform's strict decoder refuses, and only that", () => {
    const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
        const expected = failure(() => strict.decode(bytes));
        expect(decodeUtf8(bytes)).toBe(typeof expected === "string" ? expected : undefined);
      }),
      { numRuns: 3000 },
    );
  });

  it.each(["a", "ab=c", "ab+/", "a b", "ä"])("refuse %j as base64url", (text) => {
    expect(decodeBase64Url(text)).toBeUndefined();
  });
});

describe("reading a token", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1 });
  const claims = fc.record({
    sub: text,
    name: text,
    iss: text,
    metadata: text,
    exp: fc.integer({ min: 0, max: 4_000_000_000 }),
    attributes: fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      fc.string(),
    ),
    video: fc.record({
      room: text,
      roomJoin: fc.boolean(),
      canPublish: fc.boolean(),
      canSubscribe: fc.boolean(),
      canPublishData: fc.boolean(),
    }),
  });

  it("gives back what was put in, whatever the script", () => {
    fc.assert(
      fc.property(claims, ({ sub, name, iss, metadata, exp, attributes, video }) => {
        const { room, ...grants } = video;
        const read = readToken(` ${tokenOf({ sub, name, iss, metadata, exp, attributes, video })}\n`);
        expect(read).toMatchObject({ identity: sub, name, issuer: iss, metadata, expiresAtS: exp, roomName: room, grants });
        expect({ ...read.attributes }).toEqual({ ...attributes });
      }),
    );
  });

  it("takes absent grants as the server does", () => {
    expect(readToken(tokenOf({ sub: "me", video: { roomJoin: true } })).grants).toEqual({
      roomJoin: true,
      canPublish: true,
      canSubscribe: true,
      canPublishData: true,
      canPublishSources: [],
      hidden: false,
    });
    expect(readToken(tokenOf({ video: { roomJoin: true, canPublish: false } })).grants.canPublishData).toBe(false);
    expect(readToken(tokenOf({ sub: "me" })).grants.roomJoin).toBe(false);
  });

  it("knows LiveKit's names of sources, and lets an unknown one allow nothing", () => {
    const video = { roomJoin: true, canPublishSources: ["screen_share_audio", "hologram"] };
    const { grants } = readToken(tokenOf({ video }));
    expect(grants.canPublishSources).toEqual(["screen-share-audio", "unknown"]);
    expect(mayPublish(grants, "screen-share-audio")).toBe(true);
    expect(mayPublish(grants, "microphone")).toBe(false);
  });

  it.each([
    ["", "token-missing"],
    [" \n", "token-missing"],
    ["nonsense", "token-invalid"],
    ["a.b", "token-invalid"],
    ["a.b.c.d", "token-invalid"],
    ["..", "token-invalid"],
    [`${encode([])}.${encode([])}.c2ln`, "token-invalid"],
    [`${encode({})}.${encode("text")}.c2ln`, "token-invalid"],
    [tokenOf({ exp: "tomorrow" }), "token-invalid"],
    [tokenOf({ video: "all" }), "token-invalid"],
    [`${encode({})}.${Buffer.from([0x7b, 0xff, 0x7d]).toString("base64url")}.c2ln`, "token-invalid"],
    ["x".repeat(300_000), "token-invalid"],
  ])("refuses %.40j as %s", (token, code) => {
    expect(failure(() => readToken(token))).toMatchObject({ code });
  });

  it("never fails with anything but its own error, which never quotes the token", () => {
    const part = fc.oneof(
      fc.base64String(),
      fc.string(),
      fc.json().map((json) => Buffer.from(json).toString("base64url")),
    );
    const token = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 4 }).map((parts) => parts.join(".")),
      fc.json().map((json) => tokenOf(JSON.parse(json))),
    );
    fc.assert(
      fc.property(token, (candidate) => {
        const result = failure(() => checkToken(candidate, 0));
        if (!(result instanceof Error)) return;
        expect(isRoomtoneError(result)).toBe(true);
        for (const piece of candidate.split(".")) if (piece.length > 6) expect(result.message).not.toContain(piece);
        expect(result.cause).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});

describe("checking a token", () => {
  const nowMs = 1_800_000_000_000;
  const video = { roomJoin: true };

  it.each([
    [{ video, exp: nowMs / 1000 + 1 }, undefined],
    [{ video }, undefined],
    [{ video, exp: nowMs / 1000 }, "token-expired"],
    [{ video, exp: nowMs / 1000 - 100_000 }, "token-expired"],
    [{ video, nbf: nowMs / 1000 + 30 }, undefined],
    [{ video, nbf: nowMs / 1000 + 90 }, "token-expired"],
    [{ video: {} }, "grant-missing"],
  ])("finds %j %s", (claims, code) => {
    const result = failure(() => checkToken(tokenOf(claims), nowMs));
    if (code) expect(result).toMatchObject({ code });
    else expect(result).toHaveProperty("grants");
  });
});
