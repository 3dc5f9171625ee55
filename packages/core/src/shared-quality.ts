import { FORGET_AFTER_MS } from "./network-trend.js";
import { PathReader, type PathReading } from "./path-reading.js";
import type { NetworkSample } from "./publish.js";
import { QualityController, type QualityDecision, type QualityLimits, type QualitySettings } from "./quality-controller.js";
import type { ConnectionQuality } from "./room.js";

/**
 * What happens to the bitrate that all rooms share: `hold` keeps it, so that a room with a narrow path takes nothing from the others;
 * `follow-worst` lowers it for all to what the narrowest path carries.
 */
export type SharedQualityPolicy = "hold" | "follow-worst";

export interface SharedQualityOptions extends QualityLimits {
  /** Default `hold`. */
  readonly policy?: SharedQualityPolicy;
}

export interface RoomReading<Room> {
  readonly room: Room;
  readonly sample: NetworkSample;
  readonly quality?: ConnectionQuality;
}

export interface SharedQualityDecision<Room> extends QualityDecision {
  /** Whose readings brought it. */
  readonly rooms: readonly Room[];
}

/** Protection serves nine rooms in ten: with fewer than ten, the worst decides. */
const SERVED_SHARE = 0.9;

const ADAPTS: Readonly<Record<SharedQualityPolicy, readonly (keyof QualitySettings)[]>> = {
  hold: ["forwardErrorCorrection", "expectedPacketLossPercent"],
  "follow-worst": ["bitrateBps", "frameDurationMs", "forwardErrorCorrection", "expectedPacketLossPercent"],
};

/**
 * Chooses the settings of one encoder that several rooms share, as `QualityController` does those of one: each room's path is read by
 * itself, and one controller decides over all of them. With one room and `follow-worst`, both are the same. Pure.
 */
export class SharedQuality<Room = string> {
  readonly #controller: QualityController;
  readonly #readers = new Map<Room, PathReader>();
  readonly #newest = new Map<Room, PathReading>();

  constructor({ policy = "hold", ...limits }: SharedQualityOptions) {
    this.#controller = new QualityController({ ...limits, adapts: ADAPTS[policy] });
  }

  get settings(): QualitySettings {
    return this.#controller.settings;
  }

  /** The decision that these readings bring, about one a second of each room. One that is not heard of for 5 s does not count. */
  add(readings: readonly RoomReading<Room>[]): SharedQualityDecision<Room> | undefined {
    // A path is full only by a new report: an older one, of a room that was lost since, would slow everybody down again.
    for (const [room, reading] of this.#newest) this.#newest.set(room, { ...reading, congestion: undefined });
    let nowMs: number | undefined;
    for (const { room, sample, quality } of readings) {
      const reading = this.#readerOf(room).add(sample, quality);
      if (!reading) continue;
      this.#newest.set(room, reading);
      nowMs = Math.max(nowMs ?? reading.timestampMs, reading.timestampMs);
    }
    if (nowMs === undefined) return undefined;
    const all = [...this.#newest].map(([room, reading]) => ({ room, reading }));
    const known = all.filter(({ reading }) => nowMs - reading.timestampMs <= FORGET_AFTER_MS);
    const together = merge(known.map(({ reading }) => reading));
    const decision = this.#controller.decide(together);
    return decision && { ...decision, rooms: known.filter(isBehind(decision, together)).map(({ room }) => room) };
  }

  #readerOf(room: Room): PathReader {
    const reader = this.#readers.get(room) ?? new PathReader();
    this.#readers.set(room, reader);
    return reader;
  }
}

function merge(readings: readonly PathReading[]): PathReading {
  const losses = readings.map(({ loss }) => loss).sort((one, other) => one - other);
  const congestions = readings.map(({ congestion }) => congestion).filter((congestion) => congestion !== undefined);
  congestions.sort((one, other) => other.loss - one.loss || other.roundTripMs - one.roundTripMs);
  const offers = readings.map(({ availableBitrateBps }) => availableBitrateBps).filter((offer) => offer !== undefined);
  return {
    timestampMs: Math.max(...readings.map(({ timestampMs }) => timestampMs)),
    loss: losses[Math.ceil(losses.length * SERVED_SHARE) - 1] ?? 0,
    congestion: congestions[0],
    clear: readings.every(({ clear }) => clear),
    availableBitrateBps: offers.length > 0 ? Math.min(...offers) : undefined,
  };
}

function isBehind({ because }: QualityDecision, together: PathReading): (known: { readonly reading: PathReading }) => boolean {
  switch (because) {
    case "congestion":
      return ({ reading }) => reading.congestion !== undefined;
    case "random-loss":
      return ({ reading }) => reading.loss >= together.loss;
    case "available-bitrate":
      return ({ reading }) => reading.availableBitrateBps === together.availableBitrateBps;
    default:
      return () => true;
  }
}
