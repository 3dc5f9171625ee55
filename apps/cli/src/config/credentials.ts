import { resolve } from "node:path";
import { checkToken, isRoomToken, mayPublish, RoomtoneError, type TokenClaims, type TokenOptions, type TokenSource } from "@roomtone/core";
import { createAccessToken } from "@roomtone/dev-server/token";
import type { Io } from "../io.js";
import type { Output } from "../output/output.js";
import type { Access, RoomNeeds } from "./access.js";
import { findDevServer } from "./dev-state.js";
import { endpointTokenSource } from "./endpoint.js";
import type { GlobalOptions } from "./global-options.js";
import { uniqueIdentity } from "./identity.js";
import { type CredentialKind, chooseCredentials, type Level, readLevels } from "./levels.js";
import { askForCredentials, askForRoom, askForSecret, askForUrl, canAsk } from "./prompts.js";
import { readFirstLine } from "./read-line.js";
import { readSmallFile } from "./read-small-file.js";
import type { Target } from "./targets.js";

/** A token that we make for ourselves is fetched anew for every join, so it need not outlive one. */
const OWN_TOKEN_VALID_FOR_S = 600;

/**
 * Finds out how to get into a room: flags, then the environment, then `.env`, then the person at the terminal.
 * @throws RoomtoneError `token-missing`, `token-invalid`, `token-expired`, `grant-missing`, and `usage` for everything else that is missing
 */
export async function findAccess(options: GlobalOptions, needs: RoomNeeds, io: Io, signal: AbortSignal, output: Output): Promise<Access> {
  const levels = await readLevels(options, io, signal);
  const credentials = await completeCredentials(levels, needs, io, signal, output);
  return accessWith(credentials, levels, options, needs, io, signal, output);
}

/**
 * The same for several rooms, with one set of credentials.
 * @throws RoomtoneError as `findAccess`, and `usage` where the credentials are for one room
 */
export async function findAccessToEach(
  targets: readonly Target[],
  options: GlobalOptions,
  needs: RoomNeeds,
  io: Io,
  signal: AbortSignal,
  output: Output,
): Promise<readonly Access[]> {
  const levels = await readLevels(options, io, signal);
  const credentials = await completeCredentials(levels, needs, io, signal, output);
  const isToken = credentials.kind === "token" || credentials.kind === "token-file" || credentials.kind === "token-stdin";
  if (isToken && targets.length > 1) {
    const message = "A token is for one room, and there are several --to: give --token-endpoint, or --api-key with --api-secret.";
    throw new RoomtoneError("usage", message, { option: "--to" });
  }
  const isOurs = credentials.kind === "keys" || credentials.kind === "dev";
  const identity = options.identity ?? (isOurs ? uniqueIdentity() : undefined);
  const accesses: Access[] = [];
  for (const { url, room } of targets) {
    const own = { ...options, url, room, ...(identity !== undefined && { identity }) };
    const ownLevels = levels.map((level) => (level.name === "flags" ? { ...level, url } : level));
    accesses.push(await accessWith(credentials, ownLevels, own, needs, io, signal, output));
  }
  return accesses;
}

async function accessWith(
  credentials: CredentialKind,
  levels: readonly Level[],
  options: GlobalOptions,
  needs: RoomNeeds,
  io: Io,
  signal: AbortSignal,
  output: Output,
): Promise<Access> {
  switch (credentials.kind) {
    case "token-endpoint":
      return endpointAccess(credentials.endpointUrl, options, needs, output);
    case "keys":
      return ownTokenAccess(options, needs, io, signal, output, await findUrl(levels, io, signal, output), credentials);
    case "dev": {
      const dev = await findDevServer(io);
      output.redaction.add(dev.apiSecret);
      return ownTokenAccess({ ...options, room: options.room ?? dev.room }, needs, io, signal, output, options.url ?? dev.url, dev);
    }
    default: {
      const token = await readTokenText(credentials, io, signal);
      output.redaction.add(token);
      if (isForeign(token, needs)) {
        refuseRoomFlags(options);
        const endpoint = await findUrl(levels, io, signal, output);
        return { credentials: { url: endpoint, token }, url: endpoint, grantsChecked: true };
      }
      const claims = checkToken(token, Date.now());
      checkGrants(claims, needs);
      checkAgreement(claims, options);
      const url = await findUrl(levels, io, signal, output);
      return { credentials: { url, token }, url, grantsChecked: true, ...(claims.roomName !== undefined && { roomName: claims.roomName }) };
    }
  }
}

/** The credentials that a terminal or a configuration gives. @throws RoomtoneError `token-missing` or `usage` */
async function completeCredentials(
  levels: readonly Level[],
  needs: RoomNeeds,
  io: Io,
  signal: AbortSignal,
  output: Output,
): Promise<CredentialKind> {
  for (const level of levels) for (const secret of [level.token, level.apiSecret]) output.redaction.add(secret);
  const { credentials, half } = chooseCredentials(levels);
  if (credentials) return credentials;
  // Some endpoints take no token: the others say that they want one.
  if (needs.anyToken && !half) return { kind: "token", token: "" };
  if (half) {
    const { apiKey, apiSecret, name } = half.level;
    if (apiKey !== undefined && canAsk(io, output)) {
      const secret = await askForSecret("API secret", io, signal);
      output.redaction.add(secret);
      return { kind: "keys", apiKey, apiSecret: secret };
    }
    const [given, missing] = apiSecret === undefined ? ["API key", "secret"] : ["API secret", "key"];
    throw new RoomtoneError(
      "usage",
      `There is an ${given} but no API ${missing} ${name === "flags" ? "among the flags" : `in ${name === ".env" ? ".env" : "the environment"}`}: give both in one place.`,
    );
  }
  if (canAsk(io, output)) return askForCredentials(io, signal, output);
  throw new RoomtoneError(
    "token-missing",
    "There are no credentials. Give --token-file, --token-endpoint, or --api-key with --api-secret, or set LIVEKIT_TOKEN, or LIVEKIT_API_KEY with LIVEKIT_API_SECRET. `--dev` reaches a development server on this machine.",
  );
}

/** The server's address from the strongest level that has one. @throws RoomtoneError `usage` */
export async function findUrl(levels: readonly Level[], io: Io, signal: AbortSignal, output: Output): Promise<string> {
  const url = knownUrl(levels);
  if (url !== undefined) return url;
  if (canAsk(io, output)) return askForUrl(io, signal);
  throw new RoomtoneError("usage", "There is no server address. Give --url wss://… or set LIVEKIT_URL.", { option: "--url" });
}

/** The same without asking. @throws RoomtoneError `usage` where it is not an address */
export function knownUrl(levels: readonly Level[]): string | undefined {
  const level = levels.find((candidate) => candidate.url !== undefined);
  if (level?.url === undefined) return undefined;
  const url = URL.parse(level.url);
  if (url && ["ws:", "wss:", "http:", "https:"].includes(url.protocol) && url.host !== "") return level.url;
  const place = level.name === "flags" ? "--url" : `LIVEKIT_URL in ${level.name === ".env" ? ".env" : "the environment"}`;
  throw new RoomtoneError("usage", `${place} is not a server's address: it looks like wss://example.livekit.cloud or ws://127.0.0.1:7880.`);
}

/** The token's text from where `source` says. @throws RoomtoneError `token-missing` */
export async function readTokenText(
  source: Extract<CredentialKind, { kind: "token" | "token-file" | "token-stdin" }>,
  io: Io,
  signal: AbortSignal,
): Promise<string> {
  if (source.kind === "token") return source.token;
  if (source.kind === "token-stdin") {
    const token = await readFirstLine(io.stdin, signal);
    if (token === "") throw new RoomtoneError("token-missing", "Standard input ended without a token.", { option: "--token" });
    return token;
  }
  const path = resolve(io.cwd, source.path);
  const text = await readSmallFile(path, signal).catch((error: NodeJS.ErrnoException) => {
    signal.throwIfAborted();
    const why = { ENOENT: "does not exist", EFBIG: "is longer than any token" }[error.code ?? ""] ?? "cannot be read";
    throw new RoomtoneError("token-missing", `The token file ${source.path} ${why}.`, { path, option: "--token-file" }, { cause: error });
  });
  if (text.trim() === "")
    throw new RoomtoneError("token-missing", `The token file ${source.path} is empty.`, { path, option: "--token-file" });
  return text.trim();
}

/** Whether `token` says nothing to us: then only the server can judge it. */
function isForeign(token: string, needs: RoomNeeds): boolean {
  return needs.anyToken === true && !isRoomToken(token);
}

/** @throws RoomtoneError `usage`: what would have no effect is not taken silently */
function refuseRoomFlags(options: GlobalOptions): void {
  const flag = (["room", "identity", "name"] as const).find((name) => options[name] !== undefined);
  if (flag === undefined) return;
  throw new RoomtoneError("usage", `--${flag} goes into a LiveKit token, and this token is none: leave the flag out.`, {
    option: `--${flag}`,
  });
}

/** @throws RoomtoneError `grant-missing` */
function checkGrants(claims: TokenClaims, needs: RoomNeeds): void {
  const need = (granted: boolean, grant: string, purpose: string) => {
    if (!granted)
      throw new RoomtoneError("grant-missing", `The token does not allow to ${purpose}: it lacks the grant ${grant}.`, { grant });
  };
  if (needs.publish) need(mayPublish(claims.grants, "microphone"), "canPublish", "publish a microphone track");
  if (needs.subscribe) need(claims.grants.canSubscribe, "canSubscribe", "listen");
}

/** @throws RoomtoneError `usage` where the token and a flag disagree */
function checkAgreement(claims: TokenClaims, options: GlobalOptions): void {
  const agree = (flag: "--room" | "--identity" | "--name", asked: string | undefined, granted: string | undefined) => {
    if (asked === undefined || granted === undefined || asked === granted) return;
    throw new RoomtoneError(
      "usage",
      `The token is for ${flag.slice(2)} "${granted}", and ${flag} says "${asked}". Leave ${flag} out, or make another token.`,
      { option: flag },
    );
  };
  agree("--room", options.room, claims.roomName);
  agree("--identity", options.identity, claims.identity);
  agree("--name", options.name, claims.name ?? "");
}

function endpointAccess(endpointUrl: string, options: GlobalOptions, needs: RoomNeeds, output: Output): Access {
  const tokenOptions: TokenOptions = {
    ...(options.room !== undefined && { roomName: options.room }),
    ...(options.identity !== undefined && { participantIdentity: options.identity }),
    ...(options.name !== undefined && { participantName: options.name }),
  };
  const source = endpointTokenSource(endpointUrl, options.url);
  const tokenSource: TokenSource = {
    fetch: async (wanted, force) => {
      const answer = await source.fetch(wanted, force);
      output.redaction.add(answer.participantToken);
      if (!isForeign(answer.participantToken, needs)) checkGrants(checkToken(answer.participantToken, Date.now()), needs);
      return answer;
    },
  };
  return {
    credentials: { tokenSource, tokenOptions },
    grantsChecked: false,
    ...(options.room !== undefined && { roomName: options.room }),
  };
}

async function ownTokenAccess(
  options: GlobalOptions,
  needs: RoomNeeds,
  io: Io,
  signal: AbortSignal,
  output: Output,
  url: string,
  keys: { readonly apiKey: string; readonly apiSecret: string },
): Promise<Access> {
  const roomName = options.room ?? (canAsk(io, output) ? await askForRoom({ url, ...keys }, io, signal) : undefined);
  if (roomName === undefined) throw new RoomtoneError("usage", "There is no room. Give --room NAME.", { option: "--room" });
  const identity = options.identity ?? uniqueIdentity();
  const tokenSource: TokenSource = {
    fetch: async () => ({
      serverUrl: url,
      participantToken: await createAccessToken({
        apiKey: keys.apiKey,
        apiSecret: keys.apiSecret,
        identity,
        roomName,
        ...(options.name !== undefined && { name: options.name }),
        validForS: OWN_TOKEN_VALID_FOR_S,
        canPublish: needs.publish,
        canSubscribe: needs.subscribe,
        canPublishData: false,
        ...(needs.publish && { canPublishSources: ["microphone"] }),
      }),
    }),
  };
  return { credentials: { tokenSource }, url, roomName, grantsChecked: true };
}
