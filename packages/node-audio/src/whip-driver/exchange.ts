import { RoomtoneError } from "@roomtone/core";

const MOST_REDIRECTS = 5;
/** Far above any description of one track. */
const LONGEST_ANSWER_BYTES = 256 * 1024;

export interface WhipRequest {
  readonly method: "POST" | "PATCH" | "DELETE";
  readonly address: URL;
  /** Empty: nothing is said of who we are. */
  readonly token: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface WhipAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Where the answer came from: after redirects another than was asked. */
  readonly address: URL;
  /** Of a success: rejects where it does not end, or is broken off. A refusal's body may repeat the token, and is never read. */
  readonly body: Promise<string>;
}

/**
 * One request and its answer. A POST follows the redirects that WHIP allows, with the token, as load balancing needs it, but never
 * from a protected connection to an open one. No address is in any error: some servers keep the key to a stream in it.
 * @throws RoomtoneError `server-unreachable`, `room-refused`
 */
export async function exchange(request: WhipRequest): Promise<WhipAnswer> {
  let { address } = request;
  for (let redirects = 0; ; redirects += 1) {
    const response = await send(request, address);
    const { status, headers } = response;
    if (request.method === "POST" && (status === 307 || status === 308)) {
      await response.body?.cancel();
      if (redirects === MOST_REDIRECTS) throw refused("The server sends us from one address to the next without end.", status);
      address = redirectTarget(headers.get("location"), address, status);
      continue;
    }
    if (!response.ok) await response.body?.cancel();
    const body = response.ok ? readBody(response) : Promise.resolve("");
    body.catch(() => {}); // whoever needs it sees it
    return { status, headers, address, body };
  }
}

async function send({ method, token, headers = {}, body, signal }: WhipRequest, address: URL): Promise<Response> {
  try {
    return await fetch(address, {
      method,
      headers: { ...headers, ...(token === "" ? {} : { authorization: `Bearer ${token}` }) },
      ...(body === undefined ? {} : { body }),
      redirect: "manual",
      signal,
    });
  } catch (error) {
    throw new RoomtoneError(
      "server-unreachable",
      "No WHIP server answers at this address. Check address and port, and that the server runs.",
      { retryable: true },
      { cause: error },
    );
  }
}

/** An address that a server gave, relative to the one that it answered at. @throws RoomtoneError `room-refused` */
export function addressFrom(location: string | null, base: URL): URL {
  const target = location === null ? null : URL.parse(location, base.href);
  if (!target || !/^https?:$/.test(target.protocol) || target.username !== "" || target.password !== "") {
    throw refused("The server's answer lacks a usable address (Location): it does not speak WHIP as RFC 9725 has it.");
  }
  if (base.protocol === "https:" && target.protocol === "http:") {
    throw refused("The server sends us from https to http, where anybody could read the token. Ask for its https address.");
  }
  return target;
}

function redirectTarget(location: string | null, base: URL, status: number): URL {
  const target = addressFrom(location, base);
  if (target.href === base.href) throw refused("The server sends us to the address that we came from.", status);
  return target;
}

async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > LONGEST_ANSWER_BYTES) throw refused("The server's answer does not end: it is no description of a track.");
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof RoomtoneError) throw error;
    throw new RoomtoneError("server-unreachable", "The server broke off its answer.", { retryable: true }, { cause: error });
  }
  return Buffer.concat(chunks).toString("utf8");
}

function refused(message: string, status?: number): RoomtoneError {
  return new RoomtoneError("room-refused", message, status === undefined ? {} : { status });
}
