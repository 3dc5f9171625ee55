import {
  type EncodedCapture,
  isPcmCapture,
  type Lifetime,
  type OpusSettings,
  type PcmCapture,
  type Publication,
  type PublicationEnd,
  type PublishOptions,
  type RoomSession,
} from "@roomtone/core";
import { loadAudio } from "../audio.js";
import type { Place } from "../output/events.js";
import { CaptureLevel } from "./levels.js";
import type { StatsReader } from "./stats.js";

/** One source in one room. */
export interface Sending {
  readonly room: RoomSession;
  /** Where there are several rooms. */
  readonly place: Place | undefined;
  readonly publication: Publication;
  readonly stats: StatsReader;
  lastStats?: Awaited<ReturnType<StatsReader["read"]>>;
}

export interface SourceParts {
  readonly capture: PcmCapture | EncodedCapture;
  /** What is published into each room. */
  readonly published: PcmCapture | EncodedCapture;
  readonly options: PublishOptions;
  /** Whether anybody looks at its level. */
  readonly metered: boolean;
}

/** One input, and where it goes. */
export class Source {
  readonly name: string;
  readonly capture: PcmCapture | EncodedCapture;
  readonly published: PcmCapture | EncodedCapture;
  readonly options: PublishOptions;
  /** One a room that has it. */
  readonly sendings: Sending[] = [];
  /** Resolves with the first word that the input is over: not with a room's end, which is that room's. */
  readonly over: Promise<PublicationEnd>;
  #settle: (end: PublicationEnd) => void = () => {};
  readonly #metered: boolean;
  #level: CaptureLevel | undefined;

  constructor(name: string, { capture, published, options, metered }: SourceParts) {
    this.name = name;
    this.capture = capture;
    this.published = published;
    this.options = options;
    this.#metered = metered;
    this.over = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Undefined before it is live anywhere, where nobody looks, and where nothing is decoded that could be measured. */
  get level(): CaptureLevel | undefined {
    return this.#level;
  }

  get muted(): boolean {
    return this.sendings.length > 0 && this.sendings.every(({ publication }) => publication.state.muted);
  }

  /** It is live in a room. The meter starts now: a file waits for its first listener, which is a room. */
  add(sending: Sending, lifetime: Lifetime): void {
    this.sendings.push(sending);
    void sending.publication.ended.then((end) => {
      if (end.reason !== "room-closed") this.#settle(end);
    });
    if (this.#level || !this.#metered || !isPcmCapture(this.capture)) return;
    this.#level = lifetime.own(new CaptureLevel(this.capture), (open) => open.close());
  }
}

export interface SourcePlan {
  readonly trackNames: readonly string[];
  readonly profile: "voice" | "music" | undefined;
  readonly opus: Partial<OpusSettings>;
  readonly muted: boolean;
  readonly quality: "follow-network" | "fixed";
  /** Whether anybody looks at the levels. */
  readonly metered: boolean;
  /** One encoder for all that listen, instead of one a room. */
  readonly encodesOnce: boolean;
}

/** What is to be published of each capture; `lifetime` releases what is made for it. */
export async function prepareSources(
  captures: readonly (PcmCapture | EncodedCapture)[],
  { trackNames, profile, opus, muted, quality, metered, encodesOnce }: SourcePlan,
  lifetime: Lifetime,
): Promise<readonly Source[]> {
  const settings = { opus, ...(profile !== undefined && { profile }) };
  const sources: Source[] = [];
  for (const [index, capture] of captures.entries()) {
    const name = trackNames[index] ?? capture.source.kind;
    const add = (published: PcmCapture | EncodedCapture, options: PublishOptions) =>
      sources.push(new Source(name, { capture, published, options, metered }));
    if (!isPcmCapture(capture)) add(capture, { name, muted });
    else if (!encodesOnce) add(capture, { name, muted, quality, ...settings });
    else {
      const { encodeOnce } = await loadAudio();
      const shared = lifetime.own(await encodeOnce(capture, settings), (open) => open.close());
      add(shared, { name, muted });
    }
  }
  return sources;
}
