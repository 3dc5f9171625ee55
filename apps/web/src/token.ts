/** Where to connect, and with what. */
export interface JoinTicket {
  readonly serverUrl: string;
  readonly token: string;
}

const ANSWER_WITHIN_MS = 10_000;

/** A reason not to join that is worth showing as it is. */
export class TokenRefused extends Error {}

/**
 * Asks the endpoint that served this page. The token stays in memory: it is in no address, storage or log.
 * @throws TokenRefused with the endpoint's sentence; any other error where it cannot be reached
 */
export async function fetchTicket(roomName: string | undefined): Promise<JoinTicket> {
  const response = await fetch("./token", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...(roomName ? { room_name: roomName } : {}), participant_name: "Listener" }),
    cache: "no-store",
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (!isRecord(answer)) throw new Error("the token endpoint's answer is not JSON");
  const { server_url: serverUrl, participant_token: token, error } = answer;
  if (response.ok && typeof serverUrl === "string" && typeof token === "string") return { serverUrl, token };
  throw new TokenRefused(typeof error === "string" ? error : "The token endpoint did not give a token.");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
