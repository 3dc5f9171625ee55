import type { RemoteAudioTrack, RemoteParticipant, RemoteTrackPublication, Room } from "livekit-client";
import { RemoteAudioTrack as AudioTrack } from "livekit-client";

interface Playing {
  readonly element: HTMLMediaElement;
  /** Undefined until the browser lets the page measure: after the first click or key. */
  measure: Measure | undefined;
}

interface Measure {
  readonly level: () => number;
  readonly stop: () => void;
}

/** Plays a room's audio tracks from `listen()` to `stop()`, and measures them. */
export class Playback {
  readonly #room: Room;
  readonly #playing = new Map<RemoteAudioTrack, Playing>();
  #context: AudioContext | undefined;
  #listening = false;
  #volume = 1;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Audio comes out: it was asked for, and the browser lets it. */
  get audible(): boolean {
    return this.#listening && this.#room.canPlaybackAudio;
  }

  /** Begins to play. Called in a click's handler it always may; else the browser decides, and `audible` says. */
  async listen(): Promise<void> {
    this.#listening = true;
    this.update();
    await this.#room.startAudio().catch(() => {});
  }

  stop(): void {
    this.#listening = false;
    this.update();
  }

  setVolume(volume: number): void {
    this.#volume = volume;
    for (const { element } of this.#playing.values()) element.volume = volume;
  }

  /** Follows the room: plays what is new, lets go of what went. */
  update(): void {
    const tracks = new Set<RemoteAudioTrack>();
    if (this.#listening) {
      for (const participant of this.#room.remoteParticipants.values()) {
        for (const { track } of participant.trackPublications.values()) if (track instanceof AudioTrack) tracks.add(track);
      }
    }
    for (const [track, playing] of this.#playing) {
      if (tracks.has(track)) continue;
      this.#playing.delete(track);
      playing.measure?.stop();
      track.detach(playing.element);
      playing.element.remove();
    }
    for (const track of tracks) if (!this.#playing.has(track)) this.#playing.set(track, this.#play(track));
    // Made before the first click or key, a context would only earn a warning in the console.
    if (!navigator.userActivation.hasBeenActive) return;
    this.#context ??= new AudioContext();
    for (const [track, playing] of this.#playing) playing.measure ??= measure(this.#context, track.mediaStreamTrack);
  }

  /** A track's amplitude, 0 to 1: measured here where it plays, else as the server tells of who speaks. */
  levelOf(publication: RemoteTrackPublication, participant: RemoteParticipant): number {
    const playing = publication.track instanceof AudioTrack ? this.#playing.get(publication.track) : undefined;
    return playing?.measure && this.#context?.state === "running" ? playing.measure.level() : participant.audioLevel;
  }

  #play(track: RemoteAudioTrack): Playing {
    const element = track.attach();
    element.volume = this.#volume;
    element.hidden = true;
    document.body.append(element);
    return { element, measure: undefined };
  }
}

function measure(context: AudioContext, track: MediaStreamTrack): Measure {
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const level = (): number => {
    analyser.getFloatTimeDomainData(samples);
    return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
  };
  return { level, stop: () => source.disconnect() };
}
