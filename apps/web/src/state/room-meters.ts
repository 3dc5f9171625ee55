import type { RoomAudio } from "@roomtone/web-audio";
import { type Meter, openMeter } from "@roomtone/web-audio/meter";

/** A meter for each track that plays, all on one audio context. */
export class RoomMeters {
  readonly #audio: RoomAudio;
  /** Undefined where this browser opens none: then nothing is measured, and all is heard. */
  readonly #context = openContext();
  readonly #meters = new Map<string, { readonly identity: string; readonly track: MediaStreamTrack; meter: Meter | undefined }>();
  readonly #stopWatching: () => void;

  constructor(audio: RoomAudio) {
    this.#audio = audio;
    this.#stopWatching = audio.onChange(() => this.#update());
  }

  /** Loudest of `identity`'s tracks now, 0 to 1 of full scale. */
  levelOf(identity: string): number {
    let level = 0;
    for (const entry of this.#meters.values()) {
      if (entry.identity === identity) level = Math.max(level, entry.meter?.reading.level ?? 0);
    }
    return level;
  }

  /** Browsers measure nothing before a click either. */
  async resume(): Promise<void> {
    await this.#context?.resume();
  }

  async close(): Promise<void> {
    this.#stopWatching();
    await Promise.all([...this.#meters.values()].map(({ meter }) => meter?.close()));
    this.#meters.clear();
    await this.#context?.close();
  }

  #update(): void {
    const audioContext = this.#context;
    if (!audioContext) return;
    const playing = new Map(this.#audio.tracks.map((track) => [track.sid, track]));
    for (const [sid, entry] of this.#meters) {
      if (playing.get(sid)?.track === entry.track) continue;
      this.#meters.delete(sid);
      void entry.meter?.close();
    }
    for (const { sid, identity, track } of playing.values()) {
      if (this.#meters.has(sid)) continue;
      const entry = { identity, track, meter: undefined as Meter | undefined };
      this.#meters.set(sid, entry);
      openMeter({ track }, { audioContext }).then(
        (meter) => {
          if (this.#meters.get(sid) === entry) entry.meter = meter;
          else void meter.close();
        },
        // Where nothing can be measured, the room is heard all the same.
        () => {},
      );
    }
  }
}

function openContext(): AudioContext | undefined {
  try {
    return new AudioContext();
  } catch {
    return undefined;
  }
}
