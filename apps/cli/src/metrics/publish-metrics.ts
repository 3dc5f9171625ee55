import type { AudioCapture, Publication, RoomEvent } from "@roomtone/core";
import type { Registry } from "prom-client";
import { type Health, overall, trackState } from "./health.js";
import { TrackTotals } from "./track-totals.js";

const READ_EVERY_MS = 2000;
/** What a capture that has figures of its own tells of itself. */
interface CountingCapture {
  readonly statistics: { readonly restarts: number; readonly droppedFrames: number };
}

export interface MeasuredTrack {
  readonly room: string;
  readonly name: string;
  readonly publication: Publication;
  readonly capture: AudioCapture;
  readonly levelDbfs: () => number;
}

interface Followed extends MeasuredTrack {
  readonly totals: TrackTotals;
  sinceMs: number;
  devicesLost: number;
}

/** The figures of everything that one command publishes, as Prometheus reads them. */
export class PublishMetrics {
  readonly registry: Registry;
  readonly #tracks: Followed[] = [];
  readonly #rooms = new Map<string, { connected: boolean; reconnects: number }>();
  readonly #stops: Array<() => void> = [];
  readonly #timer: NodeJS.Timeout;

  private constructor(prometheus: typeof import("prom-client")) {
    this.registry = new prometheus.Registry();
    prometheus.collectDefaultMetrics({ register: this.registry });
    this.#define(prometheus);
    this.#timer = setInterval(() => void this.#read(), READ_EVERY_MS).unref();
  }

  /** Loads the library: who asks for no figures does not pay for it. */
  static async open(): Promise<PublishMetrics> {
    return new PublishMetrics(await import("prom-client"));
  }

  onRoomEvent(room: string, event: RoomEvent): void {
    const facts = this.#rooms.get(room) ?? { connected: false, reconnects: 0 };
    this.#rooms.set(room, facts);
    if (event.type === "connected" || event.type === "reconnected") facts.connected = true;
    if (event.type === "reconnecting" || event.type === "closed") facts.connected = false;
    if (event.type === "reconnected") facts.reconnects += 1;
    if (event.type === "published" || event.type === "unmuted") {
      for (const track of this.#tracks) {
        if (track.room === room && track.publication.id === event.publication.id) track.sinceMs = performance.now();
      }
    }
  }

  add(track: MeasuredTrack): void {
    const followed = { ...track, totals: new TrackTotals(track.publication), sinceMs: performance.now(), devicesLost: 0 };
    this.#tracks.push(followed);
    this.#stops.push(
      track.capture.on((event) => {
        if (event.type === "device-lost") followed.devicesLost += 1;
      }),
    );
  }

  health(): Health {
    return overall(
      this.#tracks.map(({ name, room, publication, totals, sinceMs }) => {
        const { muted, status } = publication.state;
        return { track: name, room, state: trackState({ muted, status, sentAtMs: totals.sentAtMs, sinceMs }, performance.now()) };
      }),
    );
  }

  /** The figures of now, in Prometheus's text form. */
  async render(): Promise<string> {
    await this.#read();
    return this.registry.metrics();
  }

  close(): void {
    clearInterval(this.#timer);
    for (const stop of this.#stops.splice(0)) stop();
    this.registry.clear();
  }

  async #read(): Promise<void> {
    await Promise.all(this.#tracks.map(({ totals }) => totals.read(() => performance.now())));
  }

  #define({ Gauge, Counter }: typeof import("prom-client")): void {
    const registers = [this.registry];
    type Set = (labels: Record<string, string>, value: number | undefined) => void;
    const define = (kind: "gauge" | "counter", name: string, help: string, labelNames: string[], tell: (set: Set) => void) => {
      if (kind === "gauge") {
        new Gauge({
          name,
          help,
          labelNames,
          registers,
          collect() {
            this.reset();
            tell((labels, value) => value !== undefined && Number.isFinite(value) && this.set(labels, value));
          },
        });
      } else {
        new Counter({
          name,
          help,
          labelNames,
          registers,
          collect() {
            this.reset();
            tell((labels, value) => value !== undefined && this.inc(labels, value));
          },
        });
      }
    };
    const ofRoom = (
      kind: "gauge" | "counter",
      name: string,
      help: string,
      value: (room: { connected: boolean; reconnects: number }) => number,
    ) =>
      define(kind, name, help, ["room"], (set) => {
        for (const [room, facts] of this.#rooms) set({ room }, value(facts));
      });
    const ofTrack = (kind: "gauge" | "counter", name: string, help: string, value: (track: Followed) => number | undefined) =>
      define(kind, name, help, ["room", "track"], (set) => {
        for (const track of this.#tracks) set({ room: track.room, track: track.name }, value(track));
      });
    ofRoom("gauge", "roomtone_room_connected", "1 while the room is connected.", ({ connected }) => Number(connected));
    ofRoom("counter", "roomtone_room_reconnects_total", "Outages that the room came back from.", ({ reconnects }) => reconnects);
    ofTrack("gauge", "roomtone_track_sending", "1 while audio leaves and arrives, or the track is muted.", (track) => this.#sends(track));
    ofTrack("gauge", "roomtone_track_muted", "1 while muted.", ({ publication }) => Number(publication.state.muted));
    ofTrack("gauge", "roomtone_track_level_dbfs", "Loudness of the source: root mean square, in dB below full scale.", ({ levelDbfs }) =>
      levelDbfs(),
    );
    ofTrack("counter", "roomtone_track_sent_packets_total", "RTP packets sent.", ({ totals }) => totals.packetsSent);
    ofTrack("counter", "roomtone_track_sent_bytes_total", "Bytes sent; its rate is the bitrate.", ({ totals }) => totals.bytesSent);
    ofTrack("counter", "roomtone_track_lost_packets_total", "Packets that the server said were lost.", ({ totals }) =>
      Math.max(0, totals.packetsLost),
    );
    ofTrack(
      "gauge",
      "roomtone_track_loss_ratio",
      "Share of packets lost in the last report's interval.",
      ({ totals }) => totals.sample?.fractionLost,
    );
    ofTrack("gauge", "roomtone_track_jitter_seconds", "Jitter at the server.", ({ totals }) => seconds(totals.sample?.jitterMs));
    ofTrack("gauge", "roomtone_track_round_trip_seconds", "Round trip to the server.", ({ totals }) => seconds(totals.sample?.roundTripMs));
    ofTrack(
      "counter",
      "roomtone_capture_dropped_frames_total",
      "Frames of 10 ms that the microphone lost on their way here.",
      ({ capture }) => counted(capture)?.droppedFrames,
    );
    ofTrack(
      "counter",
      "roomtone_capture_restarts_total",
      "Times that the microphone was opened again.",
      ({ capture }) => counted(capture)?.restarts,
    );
    ofTrack(
      "counter",
      "roomtone_capture_device_losses_total",
      "Times that the device stopped delivering.",
      ({ devicesLost }) => devicesLost,
    );
  }

  #sends({ name, room }: Followed): number {
    return Number(
      this.health().tracks.some((one) => one.track === name && one.room === room && (one.state === "sending" || one.state === "muted")),
    );
  }
}

function counted(capture: AudioCapture): CountingCapture["statistics"] | undefined {
  return (capture as Partial<CountingCapture>).statistics;
}

function seconds(durationMs: number | undefined): number | undefined {
  return durationMs === undefined ? undefined : durationMs / 1000;
}
