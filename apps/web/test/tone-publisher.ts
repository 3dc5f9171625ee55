import { AudioFrame, AudioSource, LocalAudioTrack, Room, TrackPublishOptions, TrackSource } from "@livekit/rtc-node";
import type { DevServer } from "@roomtone/dev-server";

const SAMPLE_RATE_HZ = 48_000;
const FRAME_MS = 10;
const FRAME_SAMPLES = (SAMPLE_RATE_HZ * FRAME_MS) / 1000;

/** A participant that publishes a sine of half of full scale until it is closed. */
export interface TonePublisher {
  readonly room: Room;
  close(): Promise<void>;
}

export async function publishTone(
  server: DevServer,
  options: { roomName: string; identity: string; trackName: string },
): Promise<TonePublisher> {
  const room = new Room();
  await room.connect(server.url, await server.createToken(options), { autoSubscribe: false, dynacast: false });
  // A short queue: it makes `captureFrame` wait, which paces the loop.
  const source = new AudioSource(SAMPLE_RATE_HZ, 1, 50);
  const publishOptions = new TrackPublishOptions();
  publishOptions.source = TrackSource.SOURCE_MICROPHONE;
  await room.localParticipant?.publishTrack(LocalAudioTrack.createAudioTrack(options.trackName, source), publishOptions);
  let closed = false;
  const pumping = (async () => {
    for (let first = 0; !closed; first += FRAME_SAMPLES) {
      const samples = Int16Array.from({ length: FRAME_SAMPLES }, (_, index) => {
        return 16_384 * Math.sin((2 * Math.PI * 440 * (first + index)) / SAMPLE_RATE_HZ);
      });
      await source.captureFrame(new AudioFrame(samples, SAMPLE_RATE_HZ, 1, FRAME_SAMPLES));
    }
  })();
  return {
    room,
    close: async () => {
      closed = true;
      await pumping;
      await room.disconnect();
      await source.close();
    },
  };
}
