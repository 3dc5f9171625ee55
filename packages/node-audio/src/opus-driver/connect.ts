import { type JoinResponse, type SessionDescription, DisconnectReason as VendorReason } from "@livekit/protocol";
import { type AbortSignalLike, type DriverConnectOptions, RoomtoneError } from "@roomtone/core";
import { ANSWER_DEADLINE_MS, bounded } from "./bounded.js";
import { OpusConnection } from "./connection.js";
import { checkRelay } from "./ice-servers.js";
import { MediaLink } from "./media-link.js";
import type { OpusDriverOptions } from "./opus-driver.js";
import { refusalError, SignalRefusal, unreachable } from "./refusals.js";
import { isLoopback, type ResumeOf, type SignalPath, signalAddress } from "./signal-address.js";
import type { SignalClient } from "./signal-client.js";
import { openSignal } from "./signal-socket.js";

/** A resume saves a session whose media flows; it is not worth more than this. */
const RESUME_DEADLINE_MS = 5000;

/** Joins, once. See `RoomDriver.connect`. */
export function connectOpus(options: DriverConnectOptions, driver: OpusDriverOptions, signal: AbortSignalLike): Promise<OpusConnection> {
  const joining = join(options, driver);
  const given = bounded(joining, { what: "the server to let us join", signal });
  // Whoever gave up leaves nobody behind: a join that arrives later leaves at once.
  given.catch(() => joining.then((connection) => connection.close()).catch(() => {}));
  return given;
}

async function join(options: DriverConnectOptions, driver: OpusDriverOptions): Promise<OpusConnection> {
  let { token } = options;
  const loopback = isLoopback(signalAddress(options.url, "/rtc/v1"));
  const iceTransportPolicy = driver.iceTransportPolicy ?? "all";
  const link = await MediaLink.prepare({ iceTransportPolicy, loopback });
  try {
    const { client, path, response } = await joinByEitherPath(options.url, token, link.firstOffer);
    await checkRelayOrLeave(client, iceTransportPolicy, response);
    return new OpusConnection(client, response, {
      url: options.url,
      link,
      offered: path === "/rtc/v1",
      iceTransportPolicy,
      loopback,
      on: options.on,
      onToken: (newer) => {
        token = newer;
      },
      reopen: (participantSid) => resume(options.url, token, path, { participantSid }),
    });
  } catch (error) {
    await link.close();
    throw error;
  }
}

async function checkRelayOrLeave(client: SignalClient, policy: "all" | "relay", { iceServers }: JoinResponse): Promise<void> {
  try {
    checkRelay(policy, iceServers);
  } catch (error) {
    client.sendLeave();
    await client.close();
    throw error;
  }
}

interface Admission {
  readonly client: SignalClient;
  readonly path: SignalPath;
  readonly response: JoinResponse;
}

async function joinByEitherPath(url: string, token: string, offer: SessionDescription): Promise<Admission> {
  try {
    return await joinBy("/rtc/v1", url, token, offer).catch((error: unknown) => {
      if (error instanceof SignalRefusal && error.status === 404) return joinBy("/rtc", url, token);
      throw error;
    });
  } catch (error) {
    if (error instanceof SignalRefusal) throw refusalError(error, token);
    throw error instanceof RoomtoneError ? error : unreachable(error);
  }
}

async function joinBy(path: SignalPath, url: string, token: string, offer?: SessionDescription): Promise<Admission> {
  const client = await openSignal(signalAddress(url, path, offer ? { offer } : {}), token, ANSWER_DEADLINE_MS);
  const first = await bounded(client.first(), { what: "the server's welcome" }).catch(async (error: unknown) => {
    await client.close();
    throw error;
  });
  if (first?.case === "join") return { client, path, response: first.value };
  await client.close();
  throw first?.case === "leave" ? turnedAway(first.value.reason) : unreachable(undefined);
}

async function resume(url: string, token: string, path: SignalPath, session: ResumeOf): Promise<SignalClient> {
  const deadlineMs = RESUME_DEADLINE_MS;
  const client = await openSignal(signalAddress(url, path, { resume: session }), token, deadlineMs);
  const first = await bounded(client.first(), { what: "the session to be taken up", deadlineMs }).catch(() => undefined);
  if (first?.case === "reconnect") return client;
  await client.close();
  throw unreachable(undefined);
}

function turnedAway(reason: VendorReason): RoomtoneError {
  if (reason === VendorReason.SERVER_SHUTDOWN) {
    return new RoomtoneError("server-unreachable", "The server is shutting down. Try again later.", { retryable: true });
  }
  return new RoomtoneError("room-refused", "The server let us in and sent us away again.");
}
