/** How a published track does, for whoever decides whether to restart us. */
export interface TrackHealth {
  readonly track: string;
  readonly room: string;
  readonly state: "sending" | "muted" | "starting" | "reconnecting" | "silent";
}

export interface Health {
  readonly healthy: boolean;
  readonly tracks: readonly TrackHealth[];
}

/** Longer than receiver reports are apart, shorter than a listener's patience. */
export const SILENT_AFTER_MS = 10_000;

export interface TrackFacts {
  readonly muted: boolean;
  readonly status: "publishing" | "live" | "waiting" | "failed" | "unpublished";
  /** When audio last left and arrived; undefined: never yet. */
  readonly sentAtMs: number | undefined;
  /** Since when the track is live, or was asked for. */
  readonly sinceMs: number;
}

export function trackState({ muted, status, sentAtMs, sinceMs }: TrackFacts, nowMs: number): TrackHealth["state"] {
  if (status === "waiting") return "reconnecting";
  if (status === "failed" || status === "unpublished") return "silent";
  if (muted) return "muted";
  const fresh = nowMs - Math.max(sentAtMs ?? 0, sinceMs) <= SILENT_AFTER_MS;
  if (sentAtMs !== undefined && nowMs - sentAtMs <= SILENT_AFTER_MS) return "sending";
  return fresh ? "starting" : "silent";
}

/** Healthy: every track sends, or is muted because somebody wanted it so. */
export function overall(tracks: readonly TrackHealth[]): Health {
  return { healthy: tracks.length > 0 && tracks.every(({ state }) => state === "sending" || state === "muted"), tracks };
}
