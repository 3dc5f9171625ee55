import type { RoomEvent } from "@roomtone/core";

export interface LoggedEvent {
  readonly atMs: number;
  readonly text: string;
}

const MAX_EVENTS = 60;
const frequent: ReadonlySet<RoomEvent["type"]> = new Set(["active-speakers", "data-received", "connection-quality"]);

/** What happened of late, for the diagnostics: kinds, counts and codes, and nothing that anybody said or is called. */
export class EventLog {
  #events: readonly LoggedEvent[] = [];

  get events(): readonly LoggedEvent[] {
    return this.#events;
  }

  take(event: RoomEvent): void {
    if (frequent.has(event.type)) return;
    this.#events = [...this.#events.slice(1 - MAX_EVENTS), { atMs: Date.now(), text: describe(event) }];
  }
}

function describe(event: RoomEvent): string {
  switch (event.type) {
    case "reconnecting":
      return `reconnecting, attempt ${event.attempt}: ${event.reason}`;
    case "reconnected":
      return `reconnected after ${Math.round(event.outageMs)} ms, ${event.resumed ? "resumed" : "joined anew"}`;
    case "published":
      return `published by ${event.driver} in ${Math.round(event.elapsedMs)} ms`;
    case "publish-failed":
      return `publish-failed: ${event.error.code}`;
    case "muted":
    case "unmuted":
      return `${event.type} by ${event.by}`;
    case "closed":
      return `closed: ${event.closed.reason}${event.closed.error ? `, ${event.closed.error.code}` : ""}`;
    case "warning":
      return `warning${event.error ? `: ${event.error.code}` : ""}`;
    default:
      return event.type;
  }
}
