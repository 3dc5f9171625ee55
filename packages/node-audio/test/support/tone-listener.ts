import { measureTone, systemTime, until } from "@roomtone/testing";
import { type RawPacket, RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { OpusDecoder } from "opus-decoder";

/** How much is needed to know a tone. */
const WINDOW_PACKETS = 5;

/** A participant that decodes what arrives only where it is asked what it hears: light enough to be many. */
export class ToneListener {
  readonly #subscriber: RawSubscriber;

  private constructor(subscriber: RawSubscriber) {
    this.#subscriber = subscriber;
  }

  static async join(url: string, token: string): Promise<ToneListener> {
    return new ToneListener(await RawSubscriber.join(url, token));
  }

  get packets(): readonly RawPacket[] {
    return this.#subscriber.packets;
  }

  leave(): Promise<void> {
    return this.#subscriber.leave();
  }

  /** Resolves with the arrival of the packet that made it sure that `frequencyHz` is heard, of those after `afterMs`. */
  async hearsMs(frequencyHz: number, deadlineMs = 30_000, afterMs = Number.NEGATIVE_INFINITY): Promise<number> {
    const decoder = new OpusDecoder({ channels: 1 });
    await decoder.ready;
    let atMs = 0;
    try {
      const hears = async () => {
        const recent = this.packets.filter(({ arrivedMs }) => arrivedMs > afterMs).slice(-WINDOW_PACKETS);
        if (recent.length < WINDOW_PACKETS) return false;
        await decoder.reset();
        const { channelData } = decoder.decodeFrames(recent.map(({ payload }) => new Uint8Array(payload)));
        const samples = Int16Array.from(channelData[0] ?? [], (sample) => sample * 32_767);
        // The first packet after a reset only brings the decoder in.
        const { purity, levelDbfs } = measureTone(samples.subarray(960), { sampleRateHz: 48_000, frequencyHz });
        atMs = recent.at(-1)?.arrivedMs ?? 0;
        return purity > 0.9 && levelDbfs > -30;
      };
      await until(systemTime(), `a listener hears ${frequencyHz} Hz`, hears, deadlineMs);
      return atMs;
    } finally {
      decoder.free();
    }
  }

  /** The longest time between two packets since `sinceMs`, until now. */
  longestQuietMs(sinceMs: number): number {
    let before = sinceMs;
    let longest = 0;
    for (const { arrivedMs } of this.packets) {
      if (arrivedMs <= sinceMs) continue;
      longest = Math.max(longest, arrivedMs - before);
      before = arrivedMs;
    }
    return Math.max(longest, performance.now() - before);
  }

  /** Of the packets sent within the time that those since `sinceMs` span: how many never arrived. */
  missingShare(sinceMs: number): number {
    const arrived = this.packets.filter(({ arrivedMs }) => arrivedMs > sinceMs);
    const first = arrived[0]?.sequence ?? 0;
    const numbers = new Set(arrived.map(({ sequence }) => (sequence - first) & 0xffff).filter((number) => number < 0x8000));
    const span = Math.max(0, ...numbers) + 1;
    return 1 - numbers.size / span;
  }
}
