import { isEncodedCapture, type PublishableCapture } from "./capture.js";
import type { OpusSettings } from "./encode.js";
import { type OpusProfile, resolveOpusSettings } from "./opus-settings.js";
import type { NetworkSample } from "./publish.js";
import { type LeastProtection, QualityController, type QualityDecision, type QualitySettings } from "./quality-controller.js";
import type { ConnectionQuality } from "./room.js";

/** What of the Opus settings of one publication follows the network, over all its rejoins. */
export class TrackQuality {
  readonly #profile: OpusProfile;
  readonly #adapts: readonly (keyof QualitySettings)[];
  /** The user's settings that the controller knows. */
  #opus: Partial<OpusSettings>;
  readonly #controller: QualityController;
  #adapted: Partial<QualitySettings> | undefined;
  #refused = false;

  constructor(profile: OpusProfile, opus: Partial<OpusSettings>, adapts: readonly (keyof QualitySettings)[]) {
    this.#profile = profile;
    this.#adapts = adapts;
    this.#opus = opus;
    this.#controller = new QualityController({ ...this.#limits(opus), adapts });
  }

  /** What to lay over `opus`: the same object while nothing changes, and undefined until something was decided. */
  over(opus: Partial<OpusSettings>): Partial<QualitySettings> | undefined {
    if (opus !== this.#opus) {
      this.#opus = opus;
      this.#controller.limit(this.#limits(opus));
      if (this.#adapted) this.#adapted = this.#relevant(this.#controller.settings);
    }
    return this.#refused ? undefined : this.#adapted;
  }

  /** The decision that a reading brings. Packets that come encoded are as they are. */
  add(sample: NetworkSample, quality: ConnectionQuality, capture: PublishableCapture): QualityDecision | undefined {
    if (this.#refused || isEncodedCapture(capture)) return undefined;
    const decision = this.#controller.add(sample, quality);
    if (decision) this.#adapted = this.#relevant(decision.settings);
    return decision;
  }

  /** The driver does not take what it said it would: the user's own settings hold from now on. */
  refused(): void {
    this.#refused = true;
  }

  /** The user's settings bound what is decided: the best that is sent, and, where they name protection, the least of it. */
  #limits(opus: Partial<OpusSettings>): { ceiling: OpusSettings; least: LeastProtection } {
    const ceiling = resolveOpusSettings(this.#profile, opus);
    // A profile's protection is a guess about a network that nobody has seen yet: readings are better. What is named counts.
    const forwardErrorCorrection = opus.forwardErrorCorrection ?? false;
    const profilePercent = forwardErrorCorrection ? ceiling.expectedPacketLossPercent : 0;
    const least = { forwardErrorCorrection, expectedPacketLossPercent: opus.expectedPacketLossPercent ?? profilePercent };
    return { ceiling, least };
  }

  #relevant(settings: QualitySettings): Partial<QualitySettings> {
    return Object.fromEntries(this.#adapts.map((name) => [name, settings[name]]));
  }
}
