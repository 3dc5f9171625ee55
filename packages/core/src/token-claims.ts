import { decodeBase64Url, decodeUtf8 } from "./base64url.js";
import { RoomtoneError } from "./errors.js";
import type { TrackSource } from "./room.js";
import type { TokenClaims, TokenGrants } from "./token.js";

/** Far above any real token: metadata may hold 64 KiB. */
const MAX_TOKEN_LENGTH = 262_144;
/** LiveKit's server lets a token begin so much early: clocks differ. */
const CLOCK_LEEWAY_S = 60;

/**
 * What `token` says, without verifying its signature: only the server can. White space around it is ignored.
 * @throws RoomtoneError `token-missing` where it is empty, `token-invalid` where it is no LiveKit token. The error never contains the token.
 */
export function readToken(token: string): TokenClaims {
  const text = token.trim();
  if (text === "") throw new RoomtoneError("token-missing", "The token is empty. Give one, or a way to get one.");
  const claims = parseClaims(text);
  const video = claims["video"];
  if (video !== undefined && !isRecord(video)) throw notAToken("its grants are no object");
  return {
    identity: nonEmpty(claims["sub"]),
    name: nonEmpty(claims["name"]),
    roomName: nonEmpty(video?.["room"]),
    issuer: nonEmpty(claims["iss"]),
    expiresAtS: timeClaim(claims, "exp"),
    notBeforeS: timeClaim(claims, "nbf"),
    metadata: nonEmpty(claims["metadata"]),
    attributes: readAttributes(claims["attributes"]),
    grants: readGrants(video ?? {}),
  };
}

/**
 * What `token` says, where it can be used at `wallClockMs` (milliseconds since the epoch). Without a time only the server judges that.
 * @throws RoomtoneError `token-missing`, `token-invalid`, `token-expired`, `grant-missing` (it does not let anybody join)
 */
export function checkToken(token: string, wallClockMs?: number): TokenClaims {
  const claims = readToken(token);
  if (wallClockMs !== undefined) checkTime(claims, wallClockMs / 1000);
  if (!claims.grants.roomJoin) {
    throw new RoomtoneError("grant-missing", "The token does not allow joining a room: it lacks the grant roomJoin.", {
      grant: "roomJoin",
    });
  }
  return claims;
}

function checkTime(claims: TokenClaims, nowS: number): void {
  if (claims.expiresAtS !== undefined && claims.expiresAtS <= nowS) {
    throw new RoomtoneError(
      "token-expired",
      `The token expired ${ago(nowS - claims.expiresAtS)} ago. Make a new one, and check this machine's clock.`,
    );
  }
  if (claims.notBeforeS !== undefined && claims.notBeforeS - CLOCK_LEEWAY_S > nowS) {
    throw new RoomtoneError(
      "token-expired",
      "The token is not valid yet: this machine's clock and the clock that made it disagree. Set the clock, then join again.",
    );
  }
}

/** Whether `token` is one for LiveKit rooms, whatever its time and signature: other servers' tokens may be any text. */
export function isRoomToken(token: string): boolean {
  try {
    return readToken(token).grants.roomJoin;
  } catch {
    return false;
  }
}

/** Whether a token with `grants` may publish a track of `source`. */
export function mayPublish(grants: TokenGrants, source: TrackSource): boolean {
  return grants.canPublish && (grants.canPublishSources.length === 0 || grants.canPublishSources.includes(source));
}

type Json = Readonly<Record<string, unknown>>;

function parseClaims(token: string): Json {
  if (token.length > MAX_TOKEN_LENGTH) throw notAToken("it is too long");
  const parts = token.split(".");
  if (parts.length !== 3 || parts.some((part) => part === "")) throw notAToken("it does not have three parts");
  const [header, payload] = [parseJson(parts[0] ?? ""), parseJson(parts[1] ?? "")];
  if (!header || !payload || !decodeBase64Url(parts[2] ?? "")) throw notAToken("its parts are not JSON in base64url");
  return payload;
}

function parseJson(part: string): Json | undefined {
  const bytes = decodeBase64Url(part);
  const text = bytes && decodeUtf8(bytes);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // The parser's message quotes what it read: a part of the token.
  }
}

function readGrants(video: Json): TokenGrants {
  const canPublish = video["canPublish"] !== false;
  const sources = video["canPublishSources"];
  return {
    roomJoin: video["roomJoin"] === true,
    canPublish,
    canSubscribe: video["canSubscribe"] !== false,
    // The server takes an absent one as `canPublish`.
    canPublishData: typeof video["canPublishData"] === "boolean" ? video["canPublishData"] : canPublish,
    canPublishSources: Array.isArray(sources) ? sources.map(readSource) : [],
    hidden: video["hidden"] === true,
  };
}

function readSource(source: unknown): TrackSource {
  switch (source) {
    case "microphone":
    case "camera":
      return source;
    case "screen_share":
      return "screen-share";
    case "screen_share_audio":
      return "screen-share-audio";
    default:
      return "unknown";
  }
}

function readAttributes(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function timeClaim(claims: Json, name: "exp" | "nbf"): number | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) throw notAToken(`its ${name} is no number`);
  return value;
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function notAToken(because: string): RoomtoneError {
  return new RoomtoneError(
    "token-invalid",
    `This is not a LiveKit token: ${because}. Copy it whole, from its first to its last character.`,
  );
}

function ago(seconds: number): string {
  if (seconds < 120) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} minutes`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} hours` : `${Math.round(seconds / 86_400)} days`;
}
