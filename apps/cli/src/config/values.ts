import { InvalidArgumentError } from "commander";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** The longest delay that the platform's timers take. */
const MAX_TIMER_MS = 2_147_483_647;

/** A length of time as people write it (`500ms`, `10s`, `1m30s`, `1h`; a bare number is seconds), in milliseconds. */
export function parseDurationMs(text: string): number {
  const refusal = new InvalidArgumentError("It takes a length of time such as 500ms, 10s, 1m30s or 1h.");
  if (/^\d+(\.\d+)?$/.test(text)) return positive(Number(text) * 1000, refusal);
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) throw refusal;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) totalMs += Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  return positive(totalMs, refusal);
}

function positive(durationMs: number, refusal: InvalidArgumentError): number {
  if (!(durationMs > 0) || !Number.isFinite(durationMs)) throw refusal;
  return durationMs;
}

/** A duration that a timer waits for. */
export function parseTimerMs(text: string): number {
  const durationMs = parseDurationMs(text);
  if (durationMs > MAX_TIMER_MS) throw new InvalidArgumentError("It is at most 24 days.");
  return durationMs;
}

/** Bits per second: `64000` or `64k`. */
export function parseBitrateBps(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(k?)$/i.exec(text);
  if (!match) throw new InvalidArgumentError("It takes bits per second such as 32000 or 32k.");
  return Math.round(Number(match[1]) * (match[2] ? 1000 : 1));
}

export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("It takes a number.");
  return value;
}

export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It takes a whole number, 0 or more.");
  return Number(text);
}

/** Text that is surely a value: `--room --json` is a forgotten value, not a room named `--json`. */
export function parseText(text: string): string {
  if (text === "") throw new InvalidArgumentError("It is empty.");
  if (text.startsWith("--")) throw new InvalidArgumentError("It is missing: what follows is another flag.");
  return text;
}

/** Adds one more value of a repeatable flag. */
export function collectText(text: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), parseText(text)];
}

/** Adds one more `key=value` of a repeatable flag. */
export function collectPair(text: string, previous: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  const separator = text.indexOf("=");
  if (separator < 1) throw new InvalidArgumentError("It takes key=value.");
  return { ...previous, [text.slice(0, separator)]: text.slice(separator + 1) };
}

/** A server's address: ws, wss, http or https. The path, query and user of a pasted address do not belong to it. */
export function parseServerUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !["ws:", "wss:", "http:", "https:"].includes(url.protocol) || url.host === "") {
    throw new InvalidArgumentError("It takes a server's address such as wss://example.livekit.cloud or ws://127.0.0.1:7880.");
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new InvalidArgumentError("It takes a server's address alone, with no user, query or fragment in it.");
  }
  return text;
}

export function parseEndpointUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw new InvalidArgumentError("It takes the endpoint's address such as http://127.0.0.1:7000/token.");
  }
  return text;
}
