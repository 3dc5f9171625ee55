import type { OpusFrameDurationMs, OpusSettings } from "./encode.js";
import { type NetworkTrend, NetworkTrendTracker } from "./network-trend.js";
import type { NetworkSample } from "./publish.js";
import type { ConnectionQuality } from "./room.js";

/** The settings that follow the network. */
export type QualitySettings = Pick<OpusSettings, "bitrateBps" | "forwardErrorCorrection" | "expectedPacketLossPercent" | "frameDurationMs">;

export type LeastProtection = Pick<OpusSettings, "forwardErrorCorrection" | "expectedPacketLossPercent">;

export interface QualityDecision {
  readonly settings: QualitySettings;
  readonly because: "random-loss" | "loss-gone" | "congestion" | "path-clear" | "available-bitrate";
  /** The same in a sentence for people, with the figures it rests on. */
  readonly explanation: string;
}

export interface QualityLimits {
  /** Where it begins: the highest bitrate and the shortest packets that are ever sent. */
  readonly ceiling: OpusSettings;
  /** The least protection against loss. Default: the ceiling's. */
  readonly least?: LeastProtection;
  /** Default: a quarter of the ceiling, but 12 kbit/s for voice that FEC can protect, and 6 kbit/s at the least. */
  readonly floorBitrateBps?: number;
}

export interface QualityControllerOptions extends QualityLimits {
  /** What can be changed; nothing is decided about the rest. Default: all. */
  readonly adapts?: readonly (keyof QualitySettings)[];
}

const DECREASE = 0.75;
const INCREASE_SHARE = 0.1;
const DECREASE_EVERY_MS = 2000;
const INCREASE_EVERY_MS = 5000;
/** How long the path has to be clear before more is tried; doubled each time that trying was wrong. */
const SHORTEST_HOLD_MS = 10_000;
const LONGEST_HOLD_MS = 60_000;
/** Congestion so soon after an increase was caused by it. */
const BLAMED_MS = 15_000;
const STEP_BPS = 1000;
const LOSS_STEP_PERCENT = 5;
/** Copies cost a third of the bitrate: they are worth it from this loss on, and until it has fallen under the second. */
const PROTECT_FROM = 0.03;
const PROTECT_UNTIL = 0.02;
/** Beyond it, Opus spends more on the copies than on the sound. */
const MOST_EXPECTED_LOSS_PERCENT = 30;
const LOSS_GONE_MS = 10_000;
/** After so long without a reading nothing is known of the path. */
const FORGET_AFTER_MS = 5000;

/**
 * Chooses bitrate, protection and packet length from readings of the network, about one a second. Random loss raises protection;
 * only loss with a rising round trip, or a full queue, lowers the bitrate. Pure: time comes with the readings.
 */
export class QualityController {
  readonly #adapts: ReadonlySet<keyof QualitySettings>;
  readonly #trend = new NetworkTrendTracker();
  #ceiling: OpusSettings;
  #least: LeastProtection;
  #floorBps: number;
  #settings: QualitySettings;
  #holdMs = SHORTEST_HOLD_MS;
  #congestedInARow = 0;
  #readMs = Number.NEGATIVE_INFINITY;
  #clearSinceMs: number | undefined;
  #decreasedMs = Number.NEGATIVE_INFINITY;
  #increasedMs = Number.NEGATIVE_INFINITY;
  #lessLossSinceMs: number | undefined;

  constructor({ adapts, ...limits }: QualityControllerOptions) {
    const { bitrateBps, forwardErrorCorrection, expectedPacketLossPercent, frameDurationMs } = limits.ceiling;
    this.#settings = { bitrateBps, forwardErrorCorrection, expectedPacketLossPercent, frameDurationMs };
    this.#adapts = new Set(adapts ?? (Object.keys(this.#settings) as (keyof QualitySettings)[]));
    this.#ceiling = limits.ceiling;
    this.#least = limits.least ?? limits.ceiling;
    this.#floorBps = floorOf(limits);
  }

  get settings(): QualitySettings {
    return this.#settings;
  }

  /** Other limits from now on. What was at its limit stays there; what the network had called for stays as far as they allow it. */
  limit(limits: QualityLimits): void {
    const { ceiling, least = ceiling } = limits;
    const now = this.#settings;
    const bitrateBps = now.bitrateBps === this.#ceiling.bitrateBps ? ceiling.bitrateBps : Math.min(now.bitrateBps, ceiling.bitrateBps);
    const isShort = now.frameDurationMs === this.#ceiling.frameDurationMs;
    const frameDurationMs = isShort || now.frameDurationMs < ceiling.frameDurationMs ? ceiling.frameDurationMs : now.frameDurationMs;
    const protects = canProtect(ceiling);
    this.#ceiling = ceiling;
    this.#least = least;
    this.#floorBps = floorOf(limits);
    this.#settings = {
      bitrateBps: Math.max(this.#floorBps, bitrateBps),
      frameDurationMs,
      forwardErrorCorrection: protects && (least.forwardErrorCorrection || now.forwardErrorCorrection),
      expectedPacketLossPercent: protects
        ? Math.max(least.expectedPacketLossPercent, now.expectedPacketLossPercent)
        : least.expectedPacketLossPercent,
    };
  }

  /** The decision that this reading brings; undefined where all stays as it is. At most one change a reading. */
  add(sample: NetworkSample, quality: ConnectionQuality = "unknown"): QualityDecision | undefined {
    const trend = this.#trend.add(sample);
    if (!trend) return undefined;
    const { timestampMs } = sample;
    if (timestampMs - this.#readMs > FORGET_AFTER_MS) this.#forget();
    this.#readMs = timestampMs;
    this.#congestedInARow = trend.congested ? this.#congestedInARow + 1 : 0;
    // The server's opinion of us is about loss, mostly. Where we know of none, it knows something that we do not.
    const isUnexplained = quality === "poor" && trend.loss < PROTECT_UNTIL;
    const isClear = !trend.congested && !isUnexplained && quality !== "lost";
    this.#clearSinceMs = isClear ? (this.#clearSinceMs ?? timestampMs) : undefined;
    return this.#capToAvailable(sample) ?? this.#slowDown(sample, trend) ?? this.#protect(sample, trend) ?? this.#speedUp(sample);
  }

  #forget(): void {
    this.#congestedInARow = 0;
    this.#clearSinceMs = undefined;
    this.#lessLossSinceMs = undefined;
  }

  #capToAvailable({ availableBitrateBps, timestampMs }: NetworkSample): QualityDecision | undefined {
    if (availableBitrateBps === undefined || !this.#adapts.has("bitrateBps")) return undefined;
    const bitrateBps = Math.max(this.#floorBps, roundDown(availableBitrateBps));
    if (bitrateBps >= this.#settings.bitrateBps) return undefined;
    this.#decreasedMs = timestampMs;
    return this.#decide({ bitrateBps }, "available-bitrate", `the path offers ${availableBitrateBps} bit/s`);
  }

  #slowDown({ timestampMs, roundTripMs = 0 }: NetworkSample, trend: NetworkTrend): QualityDecision | undefined {
    if (!trend.congested || (this.#congestedInARow < 2 && !trend.severe)) return undefined;
    if (timestampMs - this.#decreasedMs < DECREASE_EVERY_MS) return undefined;
    if (timestampMs - this.#increasedMs < BLAMED_MS) {
      this.#holdMs = Math.min(LONGEST_HOLD_MS, this.#holdMs * 2);
      this.#increasedMs = Number.NEGATIVE_INFINITY;
    }
    this.#decreasedMs = timestampMs;
    const facts = `the round trip rose to ${Math.round(roundTripMs)} ms with ${percent(trend.lossNow)} loss`;
    if (this.#settings.bitrateBps > this.#floorBps && this.#adapts.has("bitrateBps")) {
      const bitrateBps = Math.max(this.#floorBps, roundDown(this.#settings.bitrateBps * DECREASE));
      return this.#decide({ bitrateBps }, "congestion", facts);
    }
    // Each packet costs some 60 bytes besides its audio: longer ones are all that is left to save.
    const frameDurationMs = this.#adapts.has("frameDurationMs") ? longer(this.#settings.frameDurationMs) : undefined;
    return frameDurationMs && this.#decide({ frameDurationMs }, "congestion", facts);
  }

  #protect({ timestampMs }: NetworkSample, trend: NetworkTrend): QualityDecision | undefined {
    if (!canProtect(this.#ceiling) || !this.#adapts.has("forwardErrorCorrection") || !this.#adapts.has("expectedPacketLossPercent")) {
      return undefined;
    }
    const { expectedPacketLossPercent: now } = this.#settings;
    const worthIt = trend.loss >= (now > 0 ? PROTECT_UNTIL : PROTECT_FROM);
    const measured = Math.min(MOST_EXPECTED_LOSS_PERCENT, Math.ceil((trend.loss * 100) / LOSS_STEP_PERCENT) * LOSS_STEP_PERCENT);
    const wanted = Math.max(this.#least.expectedPacketLossPercent, worthIt ? measured : 0);
    if (wanted >= now) this.#lessLossSinceMs = undefined;
    if (wanted > now) {
      return this.#decide(
        { expectedPacketLossPercent: wanted, forwardErrorCorrection: true },
        "random-loss",
        `${percent(trend.loss)} of the packets were lost`,
      );
    }
    if (wanted === now) return undefined;
    this.#lessLossSinceMs ??= timestampMs;
    if (timestampMs - this.#lessLossSinceMs < LOSS_GONE_MS) return undefined;
    this.#lessLossSinceMs = undefined;
    const forwardErrorCorrection = this.#least.forwardErrorCorrection || wanted > this.#least.expectedPacketLossPercent;
    const change = { expectedPacketLossPercent: wanted, forwardErrorCorrection };
    return this.#decide(change, "loss-gone", `for ${LOSS_GONE_MS / 1000} s only ${percent(trend.loss)} of the packets were lost`);
  }

  #speedUp({ timestampMs, availableBitrateBps = Number.POSITIVE_INFINITY }: NetworkSample): QualityDecision | undefined {
    const { bitrateBps, frameDurationMs } = this.#settings;
    const ceilingBps = Math.min(this.#ceiling.bitrateBps, Math.max(this.#floorBps, roundDown(availableBitrateBps)));
    const isShort = frameDurationMs === this.#ceiling.frameDurationMs;
    if (isShort && bitrateBps >= ceilingBps) {
      if (this.#clearFor(timestampMs) > LONGEST_HOLD_MS) this.#holdMs = SHORTEST_HOLD_MS;
      return undefined;
    }
    if (this.#clearFor(timestampMs) < this.#holdMs || timestampMs - this.#increasedMs < INCREASE_EVERY_MS) return undefined;
    this.#increasedMs = timestampMs;
    const facts = `the path was clear for ${Math.round(this.#clearFor(timestampMs) / 1000)} s`;
    if (!isShort) return this.#decide({ frameDurationMs: this.#ceiling.frameDurationMs }, "path-clear", facts);
    const step = Math.max(2 * STEP_BPS, roundDown(this.#ceiling.bitrateBps * INCREASE_SHARE));
    return this.#decide({ bitrateBps: Math.min(ceilingBps, bitrateBps + step) }, "path-clear", facts);
  }

  #clearFor(timestampMs: number): number {
    return this.#clearSinceMs === undefined ? 0 : timestampMs - this.#clearSinceMs;
  }

  #decide(change: Partial<QualitySettings>, because: QualityDecision["because"], facts: string): QualityDecision {
    const before = this.#settings;
    this.#settings = { ...before, ...change };
    const changes = (Object.keys(change) as (keyof QualitySettings)[])
      .filter((name) => before[name] !== this.#settings[name])
      .map((name) => `${name} from ${before[name]} to ${this.#settings[name]}`);
    return { settings: this.#settings, because, explanation: `${changes.join(", ")}: ${facts}.` };
  }
}

function floorOf({ ceiling, floorBitrateBps }: QualityLimits): number {
  const least = canProtect(ceiling) && ceiling.application === "voip" ? 12_000 : 6000;
  return Math.min(floorBitrateBps ?? Math.max(least, roundDown(ceiling.bitrateBps / 4)), ceiling.bitrateBps);
}

/** Forward error correction exists in Opus's voice modes only. */
function canProtect({ application, frameDurationMs }: OpusSettings): boolean {
  return application !== "restricted-lowdelay" && frameDurationMs >= 10;
}

function longer(durationMs: OpusFrameDurationMs): OpusFrameDurationMs | undefined {
  return durationMs < 20 ? 20 : durationMs === 20 ? 40 : durationMs === 40 ? 60 : undefined;
}

function roundDown(bitrateBps: number): number {
  return Math.floor(bitrateBps / STEP_BPS) * STEP_BPS;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
