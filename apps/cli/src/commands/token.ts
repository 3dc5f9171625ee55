import { RoomtoneError, readToken, type TokenClaims, type TrackSource } from "@roomtone/core";
import { createAccessToken } from "@roomtone/dev-server/token";
import { readTokenText } from "../config/credentials.js";
import { findDevServer } from "../config/dev-state.js";
import type { GlobalOptions } from "../config/global-options.js";
import { uniqueIdentity } from "../config/identity.js";
import { chooseCredentials, readLevels } from "../config/levels.js";
import { askForSecret, canAsk } from "../config/prompts.js";
import type { Io } from "../io.js";
import { escapeForTerminal } from "../output/escape.js";
import type { Output } from "../output/output.js";
import { command } from "../run.js";

export interface TokenOptions extends GlobalOptions {
  readonly validForMs: number;
  readonly subscribeOnly?: boolean;
  readonly canPublishSources?: readonly TrackSource[];
  readonly metadata?: string;
  readonly attribute?: Readonly<Record<string, string>>;
  /** A token to explain; `-` or true: from standard input or the credentials' own flags. */
  readonly inspect?: string | true;
}

/** `roomtone token`: prints a token and nothing else, or explains one. */
export const run = command<TokenOptions>(async (options, io, signal, output) => {
  if (options.inspect !== undefined) {
    await inspect(options.inspect, options, io, signal, output);
    return { reason: "finished" };
  }
  if (options.subscribeOnly && options.canPublishSources) {
    throw new RoomtoneError("usage", "--subscribe-only forbids what --can-publish-sources allows: keep one.", {
      option: "--subscribe-only",
    });
  }
  const keys = await findKeys(options, io, signal, output);
  const roomName = options.room ?? keys.room;
  if (roomName === undefined) throw new RoomtoneError("usage", "A token is for one room: give --room NAME.", { option: "--room" });
  const identity = options.identity ?? uniqueIdentity();
  const validForS = Math.max(1, Math.round(options.validForMs / 1000));
  const token = await createAccessToken({
    apiKey: keys.apiKey,
    apiSecret: keys.apiSecret,
    identity,
    roomName,
    validForS,
    ...(options.name !== undefined && { name: options.name }),
    ...(options.metadata !== undefined && { metadata: options.metadata }),
    ...(options.attribute !== undefined && { attributes: options.attribute }),
    ...(options.canPublishSources !== undefined && { canPublishSources: options.canPublishSources }),
    canPublish: !options.subscribeOnly,
    canPublishData: !options.subscribeOnly,
  });
  output.event({ event: "token", token, identity, room: roomName, expiresAt: new Date(Date.now() + validForS * 1000).toISOString() });
  output.data(token);
  return { reason: "finished" };
});

async function findKeys(
  options: TokenOptions,
  io: Io,
  signal: AbortSignal,
  output: Output,
): Promise<{ apiKey: string; apiSecret: string; room?: string }> {
  const levels = await readLevels(options, io, signal);
  // Making a token needs keys, and a token that lies around is no reason to refuse: only the flags must not contradict.
  const { credentials, half } = chooseCredentials(levels.map((level) => (level.name === "flags" ? level : { ...level, token: undefined })));
  if (credentials?.kind === "keys") {
    output.redaction.add(credentials.apiSecret);
    return credentials;
  }
  if (credentials?.kind === "dev") return findDevServer(io);
  if (credentials) throw new RoomtoneError("usage", "A token is made with --api-key and --api-secret; another token does not help.");
  if (half?.missing === "secret" && half.level.apiKey !== undefined && canAsk(io, output)) {
    const apiSecret = await askForSecret("API secret", io, signal);
    output.redaction.add(apiSecret);
    return { apiKey: half.level.apiKey, apiSecret };
  }
  if (half) throw new RoomtoneError("usage", `The API ${half.missing} is missing: give --api-key and --api-secret in one place.`);
  throw new RoomtoneError(
    "token-missing",
    "There is no key to sign a token with. Give --api-key and --api-secret, or set LIVEKIT_API_KEY and LIVEKIT_API_SECRET.",
  );
}

async function inspect(given: string | true, options: TokenOptions, io: Io, signal: AbortSignal, output: Output): Promise<void> {
  const token = await findInspected(given, options, io, signal);
  output.redaction.add(token);
  const claims = readToken(token);
  if (output.json) return output.event({ event: "claims", ...claims });
  for (const [label, value] of explain(claims, Date.now())) output.data(`${label.padEnd(12)}${escapeForTerminal(value)}`);
  output.status(output.paint("dim", "Read without verifying: only the server knows whether the signature is right."));
}

async function findInspected(given: string | true, options: TokenOptions, io: Io, signal: AbortSignal): Promise<string> {
  if (typeof given === "string" && given !== "-") return given;
  if (given === true) {
    const [flags, ...others] = await readLevels(options, io, signal);
    if (flags?.tokenFile !== undefined) return readTokenText({ kind: "token-file", path: flags.tokenFile }, io, signal);
    if (flags?.token !== undefined && flags.token !== "-") return flags.token;
    const configured = others.find((level) => level.token !== undefined)?.token;
    if (io.stdin.isTTY && configured !== undefined) return configured;
  }
  return readTokenText({ kind: "token-stdin" }, io, signal);
}

/** What a token says, as label and text. */
export function explain(claims: TokenClaims, nowMs: number): readonly (readonly [string, string])[] {
  const { grants } = claims;
  const may = [
    grants.roomJoin ? "join" : "NOT join",
    grants.canPublish
      ? grants.canPublishSources.length > 0
        ? `publish (${grants.canPublishSources.join(", ")} only)`
        : "publish"
      : "not publish",
    grants.canSubscribe ? "listen" : "not listen",
    grants.canPublishData ? "send data" : "not send data",
    ...(grants.hidden ? ["unseen by others"] : []),
  ];
  const when = (atS: number) => `${new Date(atS * 1000).toISOString()} (${relative(atS * 1000 - nowMs)})`;
  return [
    ["room", claims.roomName ?? "(none)"] as const,
    ["identity", claims.identity ?? "(none)"] as const,
    ...(claims.name ? [["name", claims.name] as const] : []),
    ["may", may.join(", ")] as const,
    ["expires", claims.expiresAtS === undefined ? "never" : when(claims.expiresAtS)] as const,
    ...(claims.notBeforeS !== undefined && claims.notBeforeS * 1000 > nowMs ? [["valid from", when(claims.notBeforeS)] as const] : []),
    ...(claims.issuer ? [["key", claims.issuer] as const] : []),
    ...(claims.metadata ? [["metadata", claims.metadata] as const] : []),
    ...Object.entries(claims.attributes).map(([key, value]) => ["attribute", `${key}=${value}`] as const),
  ];
}

function relative(deltaMs: number): string {
  const seconds = Math.round(Math.abs(deltaMs) / 1000);
  const amount =
    seconds < 120
      ? `${seconds} s`
      : seconds < 7200
        ? `${Math.round(seconds / 60)} min`
        : seconds < 172_800
          ? `${Math.round(seconds / 3600)} h`
          : `${Math.round(seconds / 86_400)} days`;
  return deltaMs < 0 ? `EXPIRED ${amount} ago` : `in ${amount}`;
}
