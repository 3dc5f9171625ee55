import type { CaptureEvent, Publication, PublishOptions, RoomEvent, RoomSession } from "@roomtone/core";
import { describeRoom, initialRoomState, isRoomtoneError, reduceRoom } from "@roomtone/core";
import {
  joinRoom,
  listDevices,
  type Microphone,
  type MicrophoneOptions,
  openMicrophone,
  openRoomAudio,
  type RoomAudio,
} from "@roomtone/web-audio";
import { type Meter, type MeterOptions, openMeter } from "@roomtone/web-audio/meter";

/** What a sound is like. */
export interface Sound {
  /** Root mean square, of full scale. */
  readonly level: number;
  /** Of the loudest partial; 0 in silence. */
  readonly frequencyHz: number;
}

/** Somebody who opens the page: the package's calls, and what comes of them as plain data. */
export class Visitor {
  /** What a person was shown, from event to event; times since the epoch. */
  readonly shown: { readonly event: RoomEvent["type"]; readonly label: string; readonly atMs: number }[] = [];
  readonly captureEvents: CaptureEvent[] = [];
  readonly warnings: string[] = [];
  readonly #audio: RoomAudio = openRoomAudio();
  #microphone: Microphone | undefined;
  #tracks: MediaStreamTrack[] = [];
  #room: RoomSession | undefined;
  #state = initialRoomState;
  #publication: Publication | undefined;
  #meter: Meter | undefined;

  async open(options: Omit<MicrophoneOptions, "signal" | "onWarning"> = {}): Promise<void> {
    const microphone = await openMicrophone({ ...options, onWarning: (message) => this.warnings.push(message) });
    microphone.on((event) => this.captureEvents.push(event));
    this.#tracks.push(microphone.track);
    microphone.onTrack((track) => this.#tracks.push(track as MediaStreamTrack));
    this.#microphone = microphone;
  }

  async join(url: string, token: string, subscribe = false, joinRetries = 3): Promise<void> {
    this.#room = await joinRoom({ url, token }, { subscribe, joinRetries, rejoinSpreadMs: 0, on: { any: (event) => this.#note(event) } });
  }

  /** Joins, changes its mind at once, and tells what the join rejected with. */
  abortJoin(url: string, token: string): Promise<unknown> {
    const abort = new AbortController();
    const joining = joinRoom({ url, token }, { signal: abort.signal });
    abort.abort("no longer wanted");
    return joining.catch((error: unknown) => error);
  }

  async publish(options: PublishOptions = {}): Promise<void> {
    this.#publication = await this.#joined.publish(this.microphone, { profile: "music", ...options });
  }

  get microphone(): Microphone {
    if (!this.#microphone) throw new Error("no microphone is open");
    return this.#microphone;
  }

  facts() {
    const { track, deviceId, source } = this.microphone;
    return {
      deviceId,
      label: source.label,
      trackId: track.id,
      readyState: track.readyState,
      enabled: track.enabled,
      settings: track.getSettings(),
      tracksSoFar: this.#tracks.length,
      liveTracks: this.#tracks.filter((candidate) => candidate.readyState === "live").length,
      publication: this.#publication?.state,
      connection: this.#room?.state.connection,
      participants: this.#room?.state.participants.map(({ identity }) => identity) ?? [],
    };
  }

  /** How many tracks of `identity` this visitor sees. */
  tracksOf(identity: string): number {
    return this.#room?.state.participants.find((participant) => participant.identity === identity)?.tracks.length ?? 0;
  }

  setMuted(muted: boolean): Promise<void> | undefined {
    return this.#publication?.setMuted(muted);
  }

  networkSample() {
    return this.#publication?.networkSample();
  }

  /** As the screen's lock does it: the track ends, and nobody is told. */
  endTrackBehindTheScreen(): void {
    this.microphone.track.stop();
  }

  /** The page is shown again. */
  show(): void {
    document.dispatchEvent(new Event("visibilitychange"));
  }

  listDevices() {
    return listDevices();
  }

  /** What is heard of `identity`, measured from the track that plays. */
  async hear(identity: string, windowMs = 300): Promise<Sound> {
    const playing = this.#audio.tracks.find((track) => track.identity === identity);
    return playing ? measure(playing.track, windowMs) : { level: 0, frequencyHz: 0 };
  }

  async openMeter(options: MeterOptions = {}): Promise<void> {
    this.#meter = await openMeter(this.microphone, options);
  }

  meterMuted(muted: boolean): void {
    this.#meter?.setMuted(muted);
  }

  get reading() {
    return this.#meter?.reading;
  }

  /** Records microphone and room, and decodes the result again. */
  async record(durationMs: number, format: "webm" | "ogg", into: "blob" | "file"): Promise<Sound & { type: string; durationMs: number }> {
    const { recordToBlob, recordToFile } = await import("@roomtone/web-audio/recorder");
    const sources = [this.microphone, this.#audio];
    let blob: Blob;
    if (into === "blob") {
      const recording = await recordToBlob(sources, { format });
      await sleep(durationMs);
      blob = await recording.stop();
    } else {
      const folder = await navigator.storage.getDirectory();
      const file = await folder.getFileHandle("recording", { create: true });
      const recording = await recordToFile(sources, file, { format });
      await sleep(durationMs);
      await recording.stop();
      blob = await file.getFile();
    }
    const bytes = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
    const decoded = await new OfflineAudioContext(2, 48_000, 48_000).decodeAudioData(await blob.arrayBuffer());
    return {
      ...analyse(decoded.getChannelData(0).slice(4800), decoded.sampleRate),
      type: bytes[0] === 0x4f ? "ogg" : "webm",
      durationMs: decoded.duration * 1000,
    };
  }

  async leave(): Promise<void> {
    await this.#room?.close();
    this.#audio.close();
  }

  async end(): Promise<void> {
    await this.leave();
    await this.#meter?.close();
    await this.#microphone?.close();
  }

  get #joined(): RoomSession {
    if (!this.#room) throw new Error("no room is joined");
    return this.#room;
  }

  #note(event: RoomEvent): void {
    this.#state = reduceRoom(this.#state, event);
    this.shown.push({ event: event.type, label: describeRoom(this.#state).label, atMs: Date.now() });
    this.#audio.callbacks.any?.(event);
  }
}

/** The code of what `work` fails with, or that it did not. */
async function nameFailure(work: () => Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await work();
    return { code: "none", message: "" };
  } catch (error) {
    return isRoomtoneError(error) ? { code: error.code, message: error.message } : { code: "foreign", message: String(error) };
  }
}

async function measure(track: MediaStreamTrack, windowMs: number): Promise<Sound> {
  const context = new AudioContext({ sampleRate: 48_000 });
  const analyser = new AnalyserNode(context, { fftSize: 8192 });
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  await context.resume();
  await sleep(Math.max(windowMs, 250));
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  await context.close();
  return analyse(samples, 48_000);
}

/** Frequency by the upward zero crossings past half the level: right for one clean tone. */
function analyse(samples: Float32Array, sampleRateHz: number): Sound {
  const level = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
  if (level < 0.001) return { level, frequencyHz: 0 };
  let below = false;
  const crossings: number[] = [];
  samples.forEach((sample, index) => {
    if (sample < -level / 2) below = true;
    else if (below && sample > level / 2) {
      below = false;
      crossings.push(index);
    }
  });
  const spanFrames = (crossings.at(-1) ?? 0) - (crossings[0] ?? 0);
  return { level, frequencyHz: spanFrames > 0 ? ((crossings.length - 1) * sampleRateHz) / spanFrames : 0 };
}

function sleep(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

declare global {
  var visitor: Visitor;
  var newVisitor: () => Visitor;
  var failureOf: typeof nameFailure;
  var failureOfOpening: (options?: MicrophoneOptions) => Promise<{ code: string; message: string }>;
}

globalThis.newVisitor = () => new Visitor();
globalThis.visitor = new Visitor();
globalThis.failureOf = nameFailure;
globalThis.failureOfOpening = (options) => nameFailure(() => openMicrophone(options));
