import { seededRandom } from "@roomtone/testing";

/** What churn is made of. Guests come and go; the microphone's owner stays through all of it. */
const KINDS = [
  "join",
  "join",
  "leave",
  "mute",
  "unmute",
  "replace",
  "republish",
  "kill-capture-process",
  "restart-sound-daemon",
  "kill-server",
  "freeze-server",
] as const;

export interface Action {
  readonly kind: (typeof KINDS)[number];
  /** Whom it meets: an index into whoever is there, wrapped. */
  readonly whom: number;
  /** How long an outage lasts. */
  readonly durationMs: number;
  /** After the one before. */
  readonly waitMs: number;
}

/** Rounds of actions without end, the same for the same seed. */
export function* schedule(seed: number, actionsPerRound: number): Generator<readonly Action[], never> {
  const random = seededRandom(seed);
  for (;;) {
    yield Array.from({ length: actionsPerRound }, () => ({
      kind: KINDS[Math.floor(random() * KINDS.length)] ?? "join",
      whom: Math.floor(random() * 1000),
      durationMs: Math.round(200 + 3000 * random()),
      waitMs: Math.round(800 * random()),
    }));
  }
}
