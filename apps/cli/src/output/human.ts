import { escapeForTerminal } from "./escape.js";
import type { CliEvent } from "./events.js";
import type { Paint } from "./paint.js";

/** One line for people about `event`, or undefined where a person need not know. Strangers' text is escaped here. */
export function describeEvent(event: CliEvent, paint: Paint, place?: string): string | undefined {
  const safe = (text: string) => paint("bold", escapeForTerminal(text));
  const where = place === undefined || event.event === "connected" ? "" : `${escapeForTerminal(place)}: `;
  const good = (text: string) => `${paint("green", "✓")} ${where}${text}`;
  const note = (text: string) => `${paint("dim", "·")} ${where}${text}`;
  const alarm = (text: string) => `${paint("yellow", "!")} ${where}${text}`;
  switch (event.event) {
    case "connected":
      return good(`in room ${safe(place ?? event.room)} as ${safe(event.identity)}`);
    case "published":
      return good(
        `publishing ${safe(event.track)}${event.muted ? ", muted" : ""} ${paint("dim", `(${event.driver}, ${Math.round(event.elapsedMs)} ms)`)}`,
      );
    case "muted":
    case "unmuted":
      return note(`${safe(event.track)} is ${event.event}${event.by === "server" ? " by a moderator" : ""}`);
    case "quality-changed":
      return note(`${safe(event.track)} follows the network: ${event.explanation}`);
    case "reconnecting":
      return event.attempt <= 1 ? alarm(`connection lost (${escapeForTerminal(event.reason)}); reconnecting`) : undefined;
    case "reconnected":
      return good(`back after ${(event.outageMs / 1000).toFixed(1)} s`);
    case "device-lost":
      return alarm(`${safe(event.device)} stopped delivering; looking for it, or for another`);
    case "device-restored":
      return good(
        `audio again from ${safe(event.device)}${event.fallback ? " (the default device)" : ""} after ${(event.gapMs / 1000).toFixed(1)} s`,
      );
    case "participant-joined":
      return note(`${safe(event.name || event.identity)} joined`);
    case "participant-left":
      return note(`${safe(event.name || event.identity)} left`);
    case "track-subscribed":
      return event.kind === "audio" ? good(`hearing ${safe(event.track)} of ${safe(event.identity)}`) : undefined;
    case "track-unsubscribed":
      return event.kind === "audio" ? note(`${safe(event.track)} of ${safe(event.identity)} ended`) : undefined;
    case "metrics":
      return note(`figures at ${event.url}`);
    case "passing-through":
      return good(`${safe(event.track)} is Opus already and passes through: nothing is decoded or encoded`);
    case "room-closed":
      return alarm(`the room is over${event.message === undefined ? "" : `: ${escapeForTerminal(event.message)}`}`);
    case "recording":
      return good(`recording to ${safe(event.path)}`);
    case "recorded":
      return good(`${safe(event.path)}${event.durationMs === undefined ? "" : ` holds ${(event.durationMs / 1000).toFixed(1)} s`}`);
    case "warning":
      return alarm(escapeForTerminal(event.message));
    default:
      return undefined;
  }
}
