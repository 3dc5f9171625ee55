import { AudioStream, type RemoteTrack, Room, RoomEvent, TrackKind } from "@livekit/rtc-node";
import { OnsetDetector } from "@roomtone/testing";

export interface Listener {
  readonly detector: OnsetDetector;
  /** Resolves at the first audible block, with its monotonic time in milliseconds. */
  readonly firstAudio: Promise<number>;
  close(): Promise<void>;
}

/** The fixed ear of every measurement: one rtc-node subscriber that hears whoever publishes first. */
export async function listenInRoom(url: string, token: string): Promise<Listener> {
  const room = new Room();
  const detector = new OnsetDetector();
  const heard = Promise.withResolvers<number>();
  room.on(RoomEvent.TrackSubscribed, (track: RemoteTrack) => {
    if (track.kind === TrackKind.KIND_AUDIO) void hear(track);
  });
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  return { detector, firstAudio: heard.promise, close: () => room.disconnect() };

  async function hear(track: RemoteTrack): Promise<void> {
    const stream = new AudioStream(track, { sampleRate: 48_000, numChannels: 1, frameSizeMs: 10 });
    const reader = stream.getReader();
    for (let block = await reader.read(); !block.done; block = await reader.read()) {
      detector.push(block.value.data, performance.now());
      if (detector.firstAudioMs !== undefined) heard.resolve(detector.firstAudioMs);
    }
  }
}
