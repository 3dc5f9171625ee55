import { opusProfiles } from "@roomtone/core";
import type { MicrophoneState } from "./microphone-desk.js";
import type { Stay } from "./stay.js";

/** What a person can hand to who helps: states, figures and codes. No token, no name, nothing that was said. */
export function writeDiagnostics(stay: Stay, microphone: MicrophoneState, atMs: number): string {
  const { room, speaking, publishError, playbackBlocked, joinedAtMs } = stay.get();
  const last = stay.network.get().at(-1);
  const lines: readonly (readonly [string, unknown])[] = [
    ["Roomtone studio", new Date(atMs).toISOString()],
    ["browser", navigator.userAgent],
    ["secure origin", window.isSecureContext],
    ["connection", room.connection],
    ["attempt", room.attempt],
    ["quality", room.quality],
    ["in the room for", `${Math.round((atMs - joinedAtMs) / 1000)} s`],
    ["others", room.participants.length],
    ["tracks heard", stay.audio.tracks.length],
    ["playback held back", playbackBlocked],
    ["driver", stay.driver],
    ["publishing", speaking],
    ["publication", room.publications.map(({ status, muted }) => `${status}${muted ? ", muted" : ""}`).join("; ") || "none"],
    ["publish error", publishError?.code ?? "none"],
    ["microphone", microphone.status],
    ["microphone error", microphone.error?.code ?? "none"],
    ["codec", describeCodec()],
    ["bitrate", figure(last?.bitrateBps, "bit/s")],
    ["loss", figure(last?.lossPercent, "%")],
    ["jitter", figure(last?.jitterMs, "ms")],
    ["round trip", figure(last?.roundTripMs, "ms")],
  ];
  const events = stay.log.events.map(({ atMs: eventAtMs, text }) => `  ${new Date(eventAtMs).toISOString().slice(11, 19)} ${text}`);
  return [...lines.map(([name, value]) => `${name}: ${value}`), "events:", ...events].join("\n");
}

/** What the microphone is published with. */
export function describeCodec(): string {
  const { bitrateBps, channels, forwardErrorCorrection, discontinuousTransmission, frameDurationMs } = opusProfiles.voice;
  return [
    `Opus, ${channels === 1 ? "mono" : "stereo"}`,
    `up to ${bitrateBps / 1000} kbit/s`,
    `${frameDurationMs} ms packets`,
    ...(forwardErrorCorrection ? ["each packet carries the one before too"] : []),
    ...(discontinuousTransmission ? ["little is sent in silence"] : []),
  ].join(", ");
}

export function figure(value: number | undefined, unit: string): string {
  if (value === undefined) return "–";
  return `${value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`;
}
