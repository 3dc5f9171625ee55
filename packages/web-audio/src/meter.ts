import { type AbortSignalLike, type MediaTrackLike, RoomtoneError, whenAborted } from "@roomtone/core";

export interface MeterReading {
  /** Root mean square of the last interval, of full scale (0 to 1). */
  readonly level: number;
  /** Largest sample of the last interval, of full scale (0 to 1). */
  readonly peak: number;
  /** Next to nothing for three seconds: an unplugged, switched-off or wrong microphone. */
  readonly silent: boolean;
  /** Samples were cut off within the last second: the microphone is set too loud. */
  readonly clipping: boolean;
  /** Clearly louder than the background. */
  readonly talking: boolean;
  /** `talking`, while `setMuted(true)` holds. */
  readonly talkingWhileMuted: boolean;
}

/** What can be metered: a microphone, a subscribed track, or anything else with a `MediaStreamTrack`. */
export interface MeterSource {
  readonly track: MediaTrackLike;
  /** Where the track changes, the meter follows. */
  onTrack?(listener: (track: MediaTrackLike) => void): () => void;
}

export interface MeterOptions {
  /** Time between two readings. Default 50. */
  readonly intervalMs?: number;
  /** Where the page serves `meter-worklet.js`. Default: beside this module, where bundlers put it. */
  readonly workletUrl?: string | URL;
  /** Default: one of its own, closed with the meter. */
  readonly audioContext?: AudioContext;
  readonly signal?: AbortSignalLike;
}

export interface Meter {
  /** The newest one. */
  readonly reading: MeterReading;
  /** Calls `listener` with each reading until the returned function is called. */
  on(listener: (reading: MeterReading) => void): () => void;
  /** Whether what is metered is muted now, for `talkingWhileMuted`. A microphone with `muteMode: "release"` hears nothing then. */
  setMuted(muted: boolean): void;
  /** Call it from a click where the browser holds sound back until then; the readings are all zero before. */
  resume(): Promise<void>;
  close(): Promise<void>;
}

const settings = {
  silenceLevel: 0.0005,
  silenceAfterMs: 3000,
  talkingRatio: 3,
  talkingAfterMs: 200,
  talkingHoldMs: 400,
  clippingHoldMs: 1000,
};
const nothing: MeterReading = { level: 0, peak: 0, silent: false, clipping: false, talking: false, talkingWhileMuted: false };
/** One block takes 3 ms; a machine that is busy with others takes longer. */
const END_DEADLINE_MS = 500;
const loaded = new WeakMap<AudioContext, Map<string, Promise<void>>>();

/**
 * Meters a track in an AudioWorklet, away from the page's own thread, without changing what is sent.
 * @throws RoomtoneError `unsupported` where there is no AudioWorklet, or its file does not load: serve it and give `workletUrl`
 */
export async function openMeter(source: MeterSource, options: MeterOptions = {}): Promise<Meter> {
  const { intervalMs = 50, signal } = options;
  signal?.throwIfAborted();
  if (typeof AudioWorkletNode !== "function") {
    throw new RoomtoneError("unsupported", "This page has no AudioWorklet: it takes a current browser and a secure origin.");
  }
  const context = options.audioContext ?? new AudioContext();
  const dispose = async () => {
    if (!options.audioContext && context.state !== "closed") await context.close();
  };
  try {
    await loadWorklet(context, options.workletUrl);
    signal?.throwIfAborted();
  } catch (error) {
    await dispose();
    signal?.throwIfAborted();
    throw error;
  }
  // No page waits for this: where sound is held back it resolves with the first click, and never where there is none.
  void context.resume().catch(() => {});

  const node = new AudioWorkletNode(context, "roomtone-meter", {
    numberOfInputs: 1,
    numberOfOutputs: 0,
    processorOptions: { ...settings, intervalMs },
  });
  const listeners = new Set<(reading: MeterReading) => void>();
  let reading = nothing;
  let muted = false;
  node.port.onmessage = ({ data }: MessageEvent<Omit<MeterReading, "talkingWhileMuted">>) => {
    reading = { ...data, talkingWhileMuted: data.talking && muted };
    for (const listener of listeners) listener(reading);
  };
  let input: MediaStreamAudioSourceNode | undefined;
  const follow = (track: MediaTrackLike) => {
    input?.disconnect();
    input = context.createMediaStreamSource(new MediaStream([track as MediaStreamTrack]));
    input.connect(node);
  };
  follow(source.track);
  const stopFollowing = source.onTrack?.(follow);

  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      stopListening();
      stopFollowing?.();
      input?.disconnect();
      listeners.clear();
      await endProcessor(node);
      await dispose();
    })();
    return closing;
  };
  const stopListening = whenAborted(signal, () => void close());
  return {
    get reading() {
      return reading;
    },
    on: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setMuted: (now) => {
      muted = now;
    },
    resume: () => context.resume(),
    close,
  };
}

/**
 * A processor that is not told to end goes on for as long as its context runs, and Chromium then keeps it, its context and all that hangs on
 * them for ever. Where no audio flows it cannot end, and is not waited for.
 */
async function endProcessor({ port, context }: AudioWorkletNode): Promise<void> {
  await new Promise<void>((resolve) => {
    port.onmessage = ({ data }: MessageEvent) => data === "ended" && resolve();
    port.postMessage("end");
    setTimeout(resolve, context.state === "running" ? END_DEADLINE_MS : 0);
  });
  port.onmessage = null;
  port.close();
}

/** Once a context: registering the same processor twice throws. */
function loadWorklet(context: AudioContext, workletUrl: string | URL | undefined): Promise<void> {
  // `no-inline` is Vite's: as a data: address, which small files become, a strict policy refuses it. Elsewhere it means nothing.
  const url = String(workletUrl ?? new URL("./meter-worklet.js?no-inline", import.meta.url));
  const ofContext = loaded.get(context) ?? new Map<string, Promise<void>>();
  loaded.set(context, ofContext);
  const loading = ofContext.get(url) ?? context.audioWorklet.addModule(url);
  ofContext.set(url, loading);
  return loading.catch((error: unknown) => {
    ofContext.delete(url);
    throw new RoomtoneError(
      "unsupported",
      "The meter's worklet did not load: serve meter-worklet.js from the page's own origin, and give its address as workletUrl.",
      {},
      { cause: error },
    );
  });
}
