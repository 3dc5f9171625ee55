import {
  AudioFrame,
  AudioSource,
  AudioStream,
  LocalAudioTrack,
  type RemoteTrack,
  type RemoteTrackPublication,
  Room,
  TrackPublishOptions,
  TrackSource,
} from "@livekit/rtc-node";
import { type HeardAudio, heardAudio } from "./heard-audio.js";
import type { RoomPeer } from "./room-driver-exam-environment.js";
import { sine } from "./signals/generators.js";

const sources: Readonly<Record<number, "microphone" | "screen-share-audio" | "camera" | "screen-share">> = {
  [TrackSource.SOURCE_MICROPHONE]: "microphone",
  [TrackSource.SOURCE_SCREENSHARE_AUDIO]: "screen-share-audio",
  [TrackSource.SOURCE_CAMERA]: "camera",
  [TrackSource.SOURCE_SCREENSHARE]: "screen-share",
};

/** Another participant, wired by hand on rtc-node: nothing of the driver under test is in it. */
export class RtcNodePeer implements RoomPeer {
  readonly received: { payload: Uint8Array; topic: string; identity: string }[] = [];
  readonly room = new Room();
  readonly #recorders = new Map<string, Recorder>();
  readonly #tones = new Set<() => void>();
  #left: Promise<void> | undefined;

  readonly #isListed: (sid: string) => Promise<boolean>;

  /** @param isListed whether the server lists a track: it does so from its first packet on, later than a publish resolves */
  constructor(isListed: (sid: string) => Promise<boolean> = async () => true) {
    this.#isListed = isListed;
  }

  static async join(url: string, token: string, isListed?: (sid: string) => Promise<boolean>): Promise<RtcNodePeer> {
    const peer = new RtcNodePeer(isListed);
    peer.room.on("trackSubscribed", (track, publication) => peer.#record(track, publication));
    peer.room.on("trackUnsubscribed", (_track, publication) => peer.#recorders.delete(publication.sid ?? ""));
    peer.room.on("dataReceived", (payload, participant, _kind, topic) => {
      peer.received.push({ payload, topic: topic ?? "", identity: participant?.identity ?? "" });
    });
    await peer.room.connect(url, token, { autoSubscribe: true, dynacast: false });
    return peer;
  }

  async participants() {
    return [...this.room.remoteParticipants.values()].map(({ identity, trackPublications }) => ({
      identity,
      tracks: [...trackPublications.values()].map((publication) => ({
        sid: publication.sid ?? "",
        name: publication.name ?? "",
        source: sources[publication.source ?? -1] ?? ("unknown" as const),
        muted: publication.muted ?? false,
      })),
    }));
  }

  async hear(identity: string, trackName: string, windowMs: number): Promise<HeardAudio> {
    const samples = await this.listen(identity, trackName, windowMs);
    return heardAudio(samples, 48_000);
  }

  /** What arrives of the newest track of that name within `windowMs`: mono, 48 kHz. */
  async listen(identity: string, trackName: string, windowMs: number): Promise<Int16Array> {
    const publications = [...(this.room.remoteParticipants.get(identity)?.trackPublications.values() ?? [])];
    const sid = publications.findLast(({ name }) => name === trackName)?.sid ?? "";
    const recorder = this.#recorders.get(sid);
    const stop = recorder?.begin();
    await new Promise((resolve) => setTimeout(resolve, windowMs));
    return stop?.() ?? new Int16Array();
  }

  async publish(frequencyHz: number, { name }: { readonly name: string }) {
    const source = new AudioSource(48_000, 1, 0);
    const track = LocalAudioTrack.createAudioTrack(name, source);
    const publication = await this.room.localParticipant?.publishTrack(
      track,
      new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE }),
    );
    const stop = playTone(source, frequencyHz);
    this.#tones.add(stop);
    const sid = publication?.sid ?? "";
    while (!(await this.#isListed(sid))) await new Promise((resolve) => setTimeout(resolve, 20));
    return {
      sid,
      unpublish: async () => {
        stop();
        await this.room.localParticipant?.unpublishTrack(sid);
      },
    };
  }

  async sendData(payload: Uint8Array, { topic }: { readonly topic: string }): Promise<void> {
    await this.room.localParticipant?.publishData(payload, { reliable: true, topic });
  }

  leave(): Promise<void> {
    for (const stop of this.#tones) stop();
    this.#left ??= Promise.race([this.room.disconnect(), new Promise<void>((resolve) => setTimeout(resolve, 2000))]);
    return this.#left;
  }

  #record(track: RemoteTrack, { sid }: RemoteTrackPublication): void {
    this.#recorders.set(sid ?? "", new Recorder(track));
  }
}

/** Reads a track for as long as it lasts, and keeps what comes while somebody wants it. */
class Recorder {
  readonly #wanted = new Set<Int16Array[]>();

  constructor(track: RemoteTrack) {
    void (async () => {
      for await (const frame of new AudioStream(track, { sampleRate: 48_000, numChannels: 1, frameSizeMs: 10 })) {
        for (const chunks of this.#wanted) chunks.push(frame.data);
      }
    })();
  }

  begin(): () => Int16Array {
    const chunks: Int16Array[] = [];
    this.#wanted.add(chunks);
    return () => {
      this.#wanted.delete(chunks);
      const samples = new Int16Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
      let offset = 0;
      for (const chunk of chunks) {
        samples.set(chunk, offset);
        offset += chunk.length;
      }
      return samples;
    };
  }
}

/** Feeds a tone of whole periods, one frame at a time, by absolute deadlines. */
function playTone(source: AudioSource, frequencyHz: number): () => void {
  const second = sine({ frequencyHz, durationMs: 1000 });
  let isPlaying = true;
  void (async () => {
    const startMs = performance.now();
    for (let index = 0; isPlaying; index += 1) {
      const frame = second.slice((index % 100) * 480, ((index % 100) + 1) * 480);
      await source.captureFrame(new AudioFrame(frame, 48_000, 1, 480)).catch(() => {});
      const waitMs = startMs + (index + 1) * 10 - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  })();
  return () => {
    isPlaying = false;
  };
}
