import { gzipSync } from "node:zlib";
import {
  ClientInfo,
  ClientInfo_SDK,
  ConnectionSettings,
  JoinRequest,
  ReconnectReason,
  type SessionDescription,
  WrappedJoinRequest,
  WrappedJoinRequest_Compression,
} from "@livekit/protocol";
import { RoomtoneError } from "@roomtone/core";

/** Signal protocol that we speak: disconnect updates, `unpublish`, reliable data with sequence numbers. */
const PROTOCOL = 16;

/** One peer connection for both directions, or, at older servers, one for each. */
export type SignalPath = "/rtc/v1" | "/rtc";

/** The session to take up again. */
export interface ResumeOf {
  readonly participantSid: string;
}

/** What a join, or a resume, says besides who we are. */
export interface JoinDetails {
  readonly resume?: ResumeOf;
  /** The first offer of media. Only `/rtc/v1` takes one. */
  readonly offer?: SessionDescription;
}

/** Where to open the WebSocket. The token is not part of it: addresses end up in logs. @throws RoomtoneError `usage` */
export function signalAddress(url: string, path: SignalPath, { resume, offer }: JoinDetails = {}): URL {
  let address: URL;
  try {
    address = new URL(url.trim().replace(/^http/, "ws"));
  } catch (error) {
    throw new RoomtoneError("usage", "The server's URL is not a URL: it looks like wss://host.", { option: "url" }, { cause: error });
  }
  if (address.protocol !== "ws:" && address.protocol !== "wss:") {
    throw new RoomtoneError("usage", `A server's URL begins with wss:, ws:, https: or http:, not ${address.protocol}`, { option: "url" });
  }
  address.pathname = address.pathname.replace(/\/+$/, "") + path;
  address.hash = "";
  if (path === "/rtc/v1") address.searchParams.set("join_request", joinRequest(resume, offer));
  else for (const [name, value] of Object.entries(joinParameters(resume))) address.searchParams.set(name, value);
  return address;
}

/** Whether `url` names this machine: then media needs loopback addresses too. */
export function isLoopback(url: URL): boolean {
  return url.hostname === "localhost" || url.hostname === "[::1]" || url.hostname.startsWith("127.");
}

function joinRequest(resume: ResumeOf | undefined, offer: SessionDescription | undefined): string {
  const request = new JoinRequest({
    clientInfo: new ClientInfo({ sdk: ClientInfo_SDK.NODE, version: "0.1.0", protocol: PROTOCOL, os: process.platform }),
    connectionSettings: new ConnectionSettings({ autoSubscribe: false, adaptiveStream: false }),
    ...(resume ? { reconnect: true, participantSid: resume.participantSid, reconnectReason: ReconnectReason.RR_SIGNAL_DISCONNECTED } : {}),
    ...(offer ? { publisherOffer: offer } : {}),
  });
  // An address of more than 2 to 8 kB is refused on the way, and a description is long.
  const compression = offer ? WrappedJoinRequest_Compression.GZIP : WrappedJoinRequest_Compression.NONE;
  const bytes = offer ? gzipSync(request.toBinary()) : request.toBinary();
  const wrapped = new WrappedJoinRequest({ joinRequest: Uint8Array.from(bytes), compression }).toBinary();
  // With its padding, which "base64url" leaves out: the server refuses a request of another length with 400.
  return Buffer.from(wrapped).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}

function joinParameters(resume: ResumeOf | undefined): Record<string, string> {
  const joining = {
    protocol: String(PROTOCOL),
    sdk: "node",
    version: "0.1.0",
    os: process.platform,
    auto_subscribe: "0",
    adaptive_stream: "0",
  };
  if (!resume) return joining;
  return { ...joining, reconnect: "1", sid: resume.participantSid, reconnect_reason: String(ReconnectReason.RR_SIGNAL_DISCONNECTED) };
}
