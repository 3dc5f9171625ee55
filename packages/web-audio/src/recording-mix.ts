import type { MediaTrackLike } from "@roomtone/core";

/** One track to record: a microphone, or a subscribed track. Where it changes, the recording follows. */
export interface RecordedTrack {
  readonly track: MediaTrackLike;
  onTrack?(listener: (track: MediaTrackLike) => void): () => void;
}

/** Everybody in a room: a `RoomAudio`. Who comes later is recorded from then on. */
export interface RecordedRoom {
  readonly tracks: readonly RecordedTrack[];
  onChange(listener: () => void): () => void;
}

export type RecordedSource = RecordedTrack | RecordedRoom;

/** All sources as one track that never ends by itself: silence where there is nothing. */
export class RecordingMix {
  readonly #context = new AudioContext({ sampleRate: 48_000 });
  readonly #destination: MediaStreamAudioDestinationNode;
  readonly #inputs = new Map<MediaTrackLike, MediaStreamAudioSourceNode>();
  readonly #sources: readonly RecordedSource[];
  readonly #stops: Array<() => void> = [];

  constructor(sources: readonly RecordedSource[], channels: 1 | 2) {
    this.#sources = sources;
    this.#destination = new MediaStreamAudioDestinationNode(this.#context, { channelCount: channels });
    const update = () => this.#update();
    for (const source of sources) {
      const stop = "tracks" in source ? source.onChange(update) : source.onTrack?.(update);
      if (stop) this.#stops.push(stop);
    }
    this.#update();
    void this.#context.resume();
  }

  get track(): MediaStreamTrack {
    return this.#destination.stream.getAudioTracks()[0] as MediaStreamTrack;
  }

  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    this.track.stop();
    if (this.#context.state !== "closed") await this.#context.close();
  }

  #update(): void {
    const wanted = new Set(this.#sources.flatMap((source) => ("tracks" in source ? source.tracks : [source])).map(({ track }) => track));
    for (const [track, input] of this.#inputs) {
      if (wanted.has(track)) continue;
      input.disconnect();
      this.#inputs.delete(track);
    }
    for (const track of wanted) {
      if (this.#inputs.has(track)) continue;
      const input = this.#context.createMediaStreamSource(new MediaStream([track as MediaStreamTrack]));
      input.connect(this.#destination);
      this.#inputs.set(track, input);
    }
  }
}
