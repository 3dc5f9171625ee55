import { join } from "node:path";
import { parseEnv } from "node:util";
import { RoomtoneError } from "@roomtone/core";
import type { Io } from "../io.js";
import type { GlobalOptions } from "./global-options.js";
import { readSmallFile } from "./read-small-file.js";

/** Ways to be let in. */
export type CredentialKind =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "token-file"; readonly path: string }
  | { readonly kind: "token-stdin" }
  | { readonly kind: "token-endpoint"; readonly endpointUrl: string }
  | { readonly kind: "keys"; readonly apiKey: string; readonly apiSecret: string }
  | { readonly kind: "dev" };

/** One place that configuration comes from, the strongest first. */
export interface Level {
  /** As a message names it. */
  readonly name: "flags" | "environment" | ".env";
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly tokenEndpoint: string | undefined;
  readonly apiKey: string | undefined;
  readonly apiSecret: string | undefined;
  readonly dev: boolean;
}

/** Flags, environment and the working folder's `.env`, in this order. */
export async function readLevels(options: GlobalOptions, io: Pick<Io, "env" | "cwd">, signal: AbortSignal): Promise<readonly Level[]> {
  const flags: Level = {
    name: "flags",
    url: options.url,
    token: options.token,
    tokenFile: options.tokenFile,
    tokenEndpoint: options.tokenEndpoint,
    apiKey: options.apiKey,
    apiSecret: options.apiSecret,
    dev: options.dev === true,
  };
  return [flags, fromVariables("environment", io.env), fromVariables(".env", await readDotenv(io.cwd, signal))];
}

function fromVariables(name: "environment" | ".env", variables: Readonly<Record<string, string | undefined>>): Level {
  // An empty variable is how shells and compose files say "not set".
  const value = (key: string) => variables[key]?.trim() || undefined;
  return {
    name,
    url: value("LIVEKIT_URL"),
    token: value("LIVEKIT_TOKEN"),
    tokenFile: undefined,
    tokenEndpoint: undefined,
    apiKey: value("LIVEKIT_API_KEY"),
    apiSecret: value("LIVEKIT_API_SECRET"),
    dev: false,
  };
}

async function readDotenv(folder: string, signal: AbortSignal): Promise<Readonly<Record<string, string | undefined>>> {
  const path = join(folder, ".env");
  try {
    return parseEnv(await readSmallFile(path, signal));
  } catch (error) {
    signal.throwIfAborted();
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return {};
    throw new RoomtoneError(
      "usage",
      `${path} cannot be read, or is too long: give it rights, or move it away.`,
      { path },
      { cause: error },
    );
  }
}

/**
 * The credentials of the strongest level that has any: levels are never mixed.
 * A pair that is half there is told as such by `half`, so that the other half can be asked for.
 * @throws RoomtoneError `usage` where one level has two kinds
 */
export function chooseCredentials(levels: readonly Level[]): {
  credentials?: CredentialKind;
  half?: { level: Level; missing: "key" | "secret" };
} {
  for (const level of levels) {
    const found: CredentialKind[] = [];
    if (level.token === "-") found.push({ kind: "token-stdin" });
    else if (level.token !== undefined) found.push({ kind: "token", token: level.token });
    if (level.tokenFile !== undefined) found.push({ kind: "token-file", path: level.tokenFile });
    if (level.tokenEndpoint !== undefined) found.push({ kind: "token-endpoint", endpointUrl: level.tokenEndpoint });
    const { apiKey, apiSecret } = level;
    if (apiKey !== undefined && apiSecret !== undefined) found.push({ kind: "keys", apiKey, apiSecret });
    if (level.dev) found.push({ kind: "dev" });
    const isHalf = (apiKey === undefined) !== (apiSecret === undefined);
    if (found.length + (isHalf ? 1 : 0) > 1) throw twoKinds(level);
    if (isHalf) return { half: { level, missing: apiKey === undefined ? "key" : "secret" } };
    if (found[0]) return { credentials: found[0] };
  }
  return {};
}

function twoKinds(level: Level): RoomtoneError {
  const names = [
    level.token !== undefined && (level.name === "flags" ? "--token" : "LIVEKIT_TOKEN"),
    level.tokenFile !== undefined && "--token-file",
    level.tokenEndpoint !== undefined && "--token-endpoint",
    (level.apiKey !== undefined || level.apiSecret !== undefined) &&
      (level.name === "flags" ? "--api-key/--api-secret" : "LIVEKIT_API_KEY/LIVEKIT_API_SECRET"),
    level.dev && "--dev",
  ].filter((name) => name !== false);
  const place = { flags: "among the flags", environment: "in the environment", ".env": "in .env" }[level.name];
  return new RoomtoneError("usage", `Two kinds of credentials ${place}: ${names.join(" and ")}. Keep one of them.`);
}
