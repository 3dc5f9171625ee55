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

/** One input, and where it goes. */
export class Source {
  readonly name: string;
  readonly capture: PcmCapture | EncodedCapture;
  /** What is published into each room. */
  readonly published: PcmCapture | EncodedCapture;
  readonly options: PublishOptions;
  /** One a room that has it. */
  readonly sendings: Sending[] = [];
  /** Resolves with the first word that the input is over: not with a room's end, which is that room's. */
  readonly over: Promise<PublicationEnd>;
  #settle: (end: PublicationEnd) => void = () => {};
  #level: CaptureLevel | undefined;

  constructor(name: string, capture: PcmCapture | EncodedCapture, published: PcmCapture | EncodedCapture, options: PublishOptions) {
    this.name = name;
    this.published = published;
    this.options = options;
    this.capture = capture;
    this.over = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Undefined before it is live anywhere, and where nothing is decoded that could be measured. */
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
    if (this.#level || !isPcmCapture(this.capture)) return;
    this.#level = lifetime.own(new CaptureLevel(this.capture), (open) => open.close());
  }
}

export interface SourcePlan {
  readonly trackNames: readonly string[];
  readonly profile: "voice" | "music" | undefined;
  readonly opus: Partial<OpusSettings>;
  readonly muted: boolean;
  readonly quality: "follow-network" | "fixed";
  /** One encoder for all that listen, instead of one a room. */
  readonly encodesOnce: boolean;
}

/** What is to be published of each capture; `lifetime` releases what is made for it. */
export async function prepareSources(
  captures: readonly (PcmCapture | EncodedCapture)[],
  { trackNames, profile, opus, muted, quality, encodesOnce }: SourcePlan,
  lifetime: Lifetime,
): Promise<readonly Source[]> {
  const settings = { opus, ...(profile !== undefined && { profile }) };
  const sources: Source[] = [];
  for (const [index, capture] of captures.entries()) {
    const name = trackNames[index] ?? capture.source.kind;
    if (!isPcmCapture(capture)) sources.push(new Source(name, capture, capture, { name, muted }));
    else if (!encodesOnce) sources.push(new Source(name, capture, capture, { name, muted, quality, ...settings }));
    else {
      const { encodeOnce } = await loadAudio();
      const shared = lifetime.own(await encodeOnce(capture, settings), (open) => open.close());
      sources.push(new Source(name, capture, shared, { name, muted }));
    }
  }
  return sources;
}
