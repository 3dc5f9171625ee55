import type { RoomtoneError, TrackCapture } from "@roomtone/core";

/** A tone with half the full scale, as a `MediaStreamTrack` whose end its maker decides. */
export class ToneCapture implements TrackCapture {
  readonly source: TrackCapture["source"];
  readonly format = { sampleRateHz: 48_000, channels: 1 } as const;
  readonly ended: Promise<RoomtoneError | undefined>;
  readonly track: MediaStreamTrack;
  readonly #oscillator: OscillatorNode;
  readonly #listeners = new Set<unknown>();
  readonly #onConsumers: (count: number) => void;
  #settle: (error: RoomtoneError | undefined) => void = () => {};

  constructor(context: AudioContext, frequencyHz: number, onConsumers: (count: number) => void = () => {}) {
    this.source = { kind: "tone", label: `${frequencyHz} Hz` };
    this.#onConsumers = onConsumers;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#oscillator = new OscillatorNode(context, { frequency: frequencyHz });
    const gain = new GainNode(context, { gain: 0.5 });
    const destination = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    this.#oscillator.connect(gain).connect(destination);
    this.#oscillator.start();
    this.track = destination.stream.getAudioTracks()[0] as MediaStreamTrack;
  }

  on(): () => void {
    return () => {};
  }

  /** Each publication listens for a new track, so that the listeners count the consumers. */
  onTrack(listener: (track: MediaStreamTrack) => void): () => void {
    const key = { listener };
    this.#listeners.add(key);
    this.#onConsumers(this.#listeners.size);
    return () => {
      if (this.#listeners.delete(key)) this.#onConsumers(this.#listeners.size);
    };
  }

  finish(error?: RoomtoneError): void {
    this.#oscillator.stop();
    this.track.stop();
    this.#settle(error);
  }

  async close(): Promise<void> {
    this.finish();
  }
}
