import { decodeUtf8 } from "./base64url.js";
import { isRoomtoneError, RoomtoneError } from "./errors.js";
import type { TokenOptions, TokenResponse, TokenSource } from "./token.js";

/** A URL and a token that are known already. */
export function literalTokenSource(serverUrl: string, participantToken: string): TokenSource {
  const response = { serverUrl, participantToken };
  return { fetch: async () => response };
}

/** Any function that makes tokens. What it throws, if not ours, becomes `endpoint-unreachable`. */
export function customTokenSource(
  fetchToken: (options: TokenOptions, force: boolean) => Promise<TokenResponse> | TokenResponse,
): TokenSource {
  return {
    fetch: async (options, force = false) => {
      try {
        return await fetchToken(options, force);
      } catch (error) {
        throw tokenSourceFailure(error);
      }
    },
  };
}

/** The part of the platform's `fetch` that the endpoint source uses. */
export type FetchLike = (
  url: string,
  init: { readonly method: "POST"; readonly headers: Record<string, string>; readonly body: string },
) => Promise<FetchResponseLike>;

export interface FetchResponseLike {
  readonly status: number;
  readonly body: { getReader(): ByteReaderLike } | null;
}

interface ByteReaderLike {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

export interface EndpointTokenSourceOptions {
  /** `https:` or `http:` address that takes LiveKit's standard token request. */
  readonly endpoint: string;
  /** The platform's `fetch`. Give it a deadline of its own: the room stops waiting after ten seconds, but cannot cancel the request. */
  readonly fetch: FetchLike;
  /** Sent with each request: what the endpoint knows its callers by. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Longest answer read: a token with all its metadata fits many times. */
const MAX_ANSWER_BYTES = 524_288;

/**
 * LiveKit's standard token endpoint: `POST { room_name, participant_identity, … }` answers `{ server_url, participant_token }`.
 * Every fetch asks the endpoint. @throws RoomtoneError `endpoint-unreachable`, which never repeats the answer.
 */
export function endpointTokenSource(options: EndpointTokenSourceOptions): TokenSource {
  const address = options.endpoint.replace(/[?#].*$/, "").replace(/\/\/[^/@]*@/, "//");
  const fail = (what: string, status: number | undefined, retryable: boolean) =>
    new RoomtoneError("endpoint-unreachable", `The token endpoint ${address} ${what}. Check its address and its log.`, {
      ...(status === undefined ? {} : { status }),
      retryable,
    });
  return {
    fetch: async (wanted) => {
      const response = await options
        .fetch(options.endpoint, {
          method: "POST",
          headers: { "content-type": "application/json", accept: "application/json", ...options.headers },
          body: JSON.stringify(requestBody(wanted)),
        })
        .catch(() => {
          throw fail("does not answer", undefined, true);
        });
      const { status } = response;
      const text = await readText(response).catch(() => {
        throw fail("broke off its answer", status, true);
      });
      if (status < 200 || status > 299)
        throw fail(`answers with status ${status}`, status, status >= 500 || status === 429 || status === 408);
      const answer = text === undefined ? undefined : parseAnswer(text);
      if (!answer) throw fail("answers without a token and a server's address", status, false);
      return answer;
    },
  };
}

/** `error` where it is ours; else `endpoint-unreachable`. The cause is left out: a foreign message may quote an answer that holds a token. */
export function tokenSourceFailure(error: unknown): RoomtoneError {
  if (isRoomtoneError(error)) return error;
  const kind = error instanceof Error ? ` (${error.name})` : "";
  return new RoomtoneError("endpoint-unreachable", `The token source failed${kind}. Check what makes the tokens, and its log.`);
}

function requestBody(options: TokenOptions): Record<string, unknown> {
  return {
    ...(options.roomName === undefined ? {} : { room_name: options.roomName }),
    ...(options.participantName === undefined ? {} : { participant_name: options.participantName }),
    ...(options.participantIdentity === undefined ? {} : { participant_identity: options.participantIdentity }),
    ...(options.participantMetadata === undefined ? {} : { participant_metadata: options.participantMetadata }),
    ...(options.participantAttributes === undefined ? {} : { participant_attributes: options.participantAttributes }),
  };
}

/** The answer's text; undefined where it is too long or not UTF-8. */
async function readText(response: FetchResponseLike): Promise<string | undefined> {
  if (!response.body) return "";
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (!part.value) continue;
    length += part.value.length;
    if (length > MAX_ANSWER_BYTES) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(part.value);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return decodeUtf8(bytes);
}

/** Both spellings are in use: the standard's, and the one of LiveKit's older endpoints. */
function parseAnswer(text: string): TokenResponse | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof answer !== "object" || answer === null) return undefined;
  const fields = answer as Record<string, unknown>;
  const serverUrl = fields["server_url"] ?? fields["serverUrl"];
  const participantToken = fields["participant_token"] ?? fields["participantToken"];
  if (typeof serverUrl !== "string" || typeof participantToken !== "string") return undefined;
  return serverUrl === "" || participantToken === "" ? undefined : { serverUrl, participantToken };
}
