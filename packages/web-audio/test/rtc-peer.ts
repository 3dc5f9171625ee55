import {
  AudioFrame,
  AudioSource,
  AudioStream,
  LocalAudioTrack,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
} from "@livekit/rtc-node";
import type { TrackSource as RoomtoneSource } from "@roomtone/core";
import { type HeardAudio, heardAudio, type RoomPeer, type SeenParticipant } from "@roomtone/testing";

const SAMPLE_RATE_HZ = 48_000;
const FRAMES_PER_BLOCK = 480;
/** Longest stretch of the newest sound that is kept of each track. */
const KEPT_MS = 5000;

const sourceNames: ReadonlyMap<TrackSource, RoomtoneSource> = new Map([
  [TrackSource.SOURCE_MICROPHONE, "microphone"],
  [TrackSource.SOURCE_CAMERA, "camera"],
  [TrackSource.SOURCE_SCREENSHARE, "screen-share"],
  [TrackSource.SOURCE_SCREENSHARE_AUDIO, "screen-share-audio"],
]);

/** Another participant, in Node, through rtc-node: it subscribes to everything and listens. */
export class RtcPeer implements RoomPeer {
  readonly received: Array<{ payload: Uint8Array; topic: string; identity: string }> = [];
  readonly #room = new Room();
  readonly #heard = new Map<string, { samples: number[]; stop(): void }>();
  readonly #stops = new Set<() => Promise<void>>();
  #left = false;

  static async join(url: string, token: string): Promise<RtcPeer> {
    const peer = new RtcPeer();
    peer.#room
      .on(RoomEvent.TrackSubscribed, (track: RemoteTrack) => peer.#listen(track))
      .on(RoomEvent.TrackUnsubscribed, (track: RemoteTrack) => peer.#forget(track.sid ?? ""))
      .on(RoomEvent.DataReceived, (payload: Uint8Array, participant?: RemoteParticipant, _kind?: unknown, topic?: string) => {
        peer.received.push({ payload, topic: topic ?? "", identity: participant?.identity ?? "" });
      });
    await peer.#room.connect(url, token, { autoSubscribe: true, dynacast: false });
    return peer;
  }

  async participants(): Promise<readonly SeenParticipant[]> {
    return [...this.#room.remoteParticipants.values()].map((participant) => ({
      identity: participant.identity,
      tracks: [...participant.trackPublications.values()].map((publication: RemoteTrackPublication) => ({
        sid: publication.sid ?? "",
        name: publication.name ?? "",
        source: sourceNames.get(publication.source ?? TrackSource.SOURCE_UNKNOWN) ?? "unknown",
        muted: publication.muted ?? false,
      })),
    }));
  }

  async hear(identity: string, trackName: string, windowMs: number): Promise<HeardAudio> {
    const participant = [...this.#room.remoteParticipants.values()].find((candidate) => candidate.identity === identity);
    const publication = [...(participant?.trackPublications.values() ?? [])].findLast((candidate) => candidate.name === trackName);
    const heard = this.#heard.get(publication?.sid ?? "");
    if (heard) heard.samples.length = 0;
    await new Promise((resolve) => setTimeout(resolve, windowMs));
    return heardAudio(Int16Array.from(heard?.samples ?? []), SAMPLE_RATE_HZ);
  }

  async publish(frequencyHz: number, { name }: { readonly name: string }): Promise<{ readonly sid: string; unpublish(): Promise<void> }> {
    const source = new AudioSource(SAMPLE_RATE_HZ, 1, 50);
    const track = LocalAudioTrack.createAudioTrack(name, source);
    const publishing = this.#room.localParticipant?.publishTrack(
      track,
      new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx: false, red: false }),
    );
    let running = true;
    const pumping = (async () => {
      for (let first = 0; running; first += FRAMES_PER_BLOCK) {
        const samples = Int16Array.from({ length: FRAMES_PER_BLOCK }, (_, index) =>
          Math.round(16_000 * Math.sin((2 * Math.PI * frequencyHz * (first + index)) / SAMPLE_RATE_HZ)),
        );
        await source.captureFrame(new AudioFrame(samples, SAMPLE_RATE_HZ, 1, FRAMES_PER_BLOCK)).catch(() => {
          running = false;
        });
      }
    })();
    const sid = (await publishing)?.sid ?? "";
    const stop = async () => {
      if (!this.#stops.delete(stop)) return;
      running = false;
      await pumping;
    };
    this.#stops.add(stop);
    return {
      sid,
      unpublish: async () => {
        await stop();
        await this.#room.localParticipant?.unpublishTrack(sid);
      },
    };
  }

  async sendData(payload: Uint8Array, { topic }: { readonly topic: string }): Promise<void> {
    await this.#room.localParticipant?.publishData(payload, { reliable: true, topic });
  }

  async leave(): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    for (const stop of [...this.#stops]) await stop();
    for (const sid of [...this.#heard.keys()]) this.#forget(sid);
    await this.#room.disconnect();
  }

  #listen(track: RemoteTrack): void {
    if (track.kind !== TrackKind.KIND_AUDIO) return;
    const reader = new AudioStream(track, SAMPLE_RATE_HZ, 1).getReader();
    const samples: number[] = [];
    this.#heard.set(track.sid ?? "", { samples, stop: () => void reader.cancel().catch(() => {}) });
    void (async () => {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        samples.push(...next.value.data);
        if (samples.length > (KEPT_MS * SAMPLE_RATE_HZ) / 1000) samples.splice(0, samples.length / 2);
      }
    })().catch(() => {});
  }

  #forget(sid: string): void {
    this.#heard.get(sid)?.stop();
    this.#heard.delete(sid);
  }
}
