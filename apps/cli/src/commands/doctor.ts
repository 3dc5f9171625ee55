import { checkToken, failures, isRoomtoneError, RoomtoneError } from "@roomtone/core";
import { createAccessToken } from "@roomtone/dev-server/token";
import { knownUrl, readTokenText } from "../config/credentials.js";
import { findDevServer } from "../config/dev-state.js";
import { endpointTokenSource } from "../config/endpoint.js";
import type { GlobalOptions } from "../config/global-options.js";
import { uniqueIdentity } from "../config/identity.js";
import { chooseCredentials, readLevels } from "../config/levels.js";
import { bounded, type CheckResult, skipped } from "../doctor/check.js";
import { checkAudioDevices, checkNatives, checkNode } from "../doctor/machine.js";
import { checkClock, checkServer, checkTokenAtServer } from "../doctor/server.js";
import type { Io } from "../io.js";
import { escapeForTerminal } from "../output/escape.js";
import type { Output } from "../output/output.js";
import { command } from "../run.js";

export type DoctorOptions = GlobalOptions;

/** `roomtone doctor`: every check within seconds, the fix for each that fails, and 1 where one does. */
export const run = command<DoctorOptions>(async (options, io, signal, output) => {
  const target = await findTarget(options, io, signal, output);
  const server = target.url === undefined ? undefined : checkServer(target.url, signal);
  const checks: readonly (readonly [string, Promise<CheckResult> | CheckResult])[] = [
    ["Node", checkNode(io)],
    ...(await checkNatives()),
    ["audio devices", bounded(checkAudioDevices(signal))],
    [
      "server",
      target.urlProblem ?? server?.then((answer) => answer.result) ?? skipped("no server is named", "give --url, or set LIVEKIT_URL"),
    ],
    ["token", bounded(checkCredentials(target, signal))],
    [
      "clock",
      server?.then((answer) => checkClock(answer.dateHeader)) ?? skipped("it is compared with a server's, and none is named", "give --url"),
    ],
  ];
  const nameColumns = Math.max(...checks.map(([check]) => check.length));
  let failed = 0;
  for (const [check, pending] of checks) {
    const { result, message, fix } = await pending;
    signal.throwIfAborted();
    if (result === "failed") failed += 1;
    output.event({ event: "check", check, result, message, ...(fix !== undefined ? { fix } : { fix: undefined }) });
    const mark = { ok: output.paint("green", "✓"), failed: output.paint("red", "✗"), skipped: output.paint("dim", "-") }[result];
    const indent = " ".repeat(nameColumns + 3);
    output.data(output.wrap(`${mark} ${check.padEnd(nameColumns)} ${escapeForTerminal(message)}`, indent));
    if (fix !== undefined && result !== "ok")
      output.data(output.paint("dim", output.wrap(`${indent}fix: ${escapeForTerminal(fix)}`, `${indent}     `)));
  }
  return { reason: "finished", exitCode: failed > 0 ? 1 : 0 };
});

interface Target {
  readonly url?: string;
  readonly urlProblem?: CheckResult;
  /** How to get a token; it may throw. Undefined where no credentials are named. */
  readonly fetchToken?: (() => Promise<string>) | undefined;
}

/** What the configuration says of server and credentials. What is wrong with it is a check that fails, not the end of the others. */
async function findTarget(options: GlobalOptions, io: Io, signal: AbortSignal, output: Output): Promise<Target> {
  const levels = await readLevels(options, io, signal);
  for (const level of levels) for (const secret of [level.token, level.apiSecret]) output.redaction.add(secret);
  let url: string | undefined;
  let urlProblem: CheckResult | undefined;
  try {
    url = knownUrl(levels);
  } catch (error) {
    urlProblem = failure(error);
  }
  const { credentials, half } = chooseCredentials(levels);
  if (credentials?.kind === "dev") url ??= (await findDevServer(io)).url;
  const fetchToken = async (): Promise<string> => {
    if (half) throw new RoomtoneError("usage", `The API ${half.missing} is missing.`);
    if (!credentials) throw new RoomtoneError("token-missing", "No credentials are named.");
    switch (credentials.kind) {
      case "token-endpoint":
        return (
          await endpointTokenSource(credentials.endpointUrl, undefined).fetch({
            ...(options.room !== undefined && { roomName: options.room }),
          })
        ).participantToken;
      case "keys":
      case "dev": {
        const keys = credentials.kind === "keys" ? credentials : await findDevServer(io);
        return createAccessToken({
          apiKey: keys.apiKey,
          apiSecret: keys.apiSecret,
          identity: uniqueIdentity(),
          roomName: options.room ?? "roomtone-doctor",
          validForS: 60,
        });
      }
      default:
        return readTokenText(credentials, io, signal);
    }
  };
  return {
    ...(url !== undefined && { url }),
    ...(urlProblem && { urlProblem }),
    ...((credentials || half) && {
      fetchToken: async () => {
        const token = await fetchToken();
        output.redaction.add(token);
        return token;
      },
    }),
  };
}

async function checkCredentials(target: Target, signal: AbortSignal): Promise<CheckResult> {
  if (!target.fetchToken) return skipped("no credentials are named", "give --token-file, --token-endpoint, or --api-key with --api-secret");
  try {
    const token = await target.fetchToken();
    const claims = checkToken(token, Date.now());
    return target.url === undefined
      ? { result: "ok", message: `for room ${claims.roomName ?? "(any)"} as ${claims.identity ?? "(nobody)"}; no server to ask` }
      : checkTokenAtServer(target.url, token, claims, signal);
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): CheckResult {
  return isRoomtoneError(error)
    ? { result: "failed", message: error.message, fix: failures[error.code].fix }
    : { result: "failed", message: "it cannot be checked", fix: "run again with --verbose" };
}
