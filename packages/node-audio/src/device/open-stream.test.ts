import { describe, expect, test } from "vitest";
import type { ListedDevice, StreamTask } from "./device-protocol.js";
import { openStream } from "./open-stream.js";
import type { PortAudio, PortAudioStream } from "./portaudio.js";

const request: StreamTask = {
  task: "capture",
  wish: { deviceName: "Desk", orDefault: false },
  channels: 1,
};

function device(id: number, name: string, more: Partial<ListedDevice> = {}): ListedDevice {
  const rest = { hostApi: "ALSA", isDefaultHostApi: true, isDefaultInput: false, isDefaultOutput: false, defaultSampleRateHz: 44_100 };
  return { id, name, maxInputChannels: 1, maxOutputChannels: 0, ...rest, ...more };
}

type StreamOptions = Parameters<PortAudio["open"]>[1];

/** A PortAudio whose list changes from look to look, and that opens what `refuse` has no error for. */
class FakePortAudio implements Pick<PortAudio, "devices" | "open"> {
  readonly opened: StreamOptions[] = [];
  quits = 0;
  readonly #lists: Array<readonly ListedDevice[]>;
  readonly #refuse: (options: StreamOptions) => string | undefined;

  constructor(lists: Array<readonly ListedDevice[]>, refuse: (options: StreamOptions) => string | undefined = () => undefined) {
    this.#lists = lists;
    this.#refuse = refuse;
  }

  devices(): ListedDevice[] {
    return [...((this.#lists.length > 1 ? this.#lists.shift() : this.#lists[0]) ?? [])];
  }

  open(_kind: "input" | "output", options: StreamOptions): PortAudioStream {
    const words = this.#refuse(options);
    if (words) throw new Error(words);
    this.opened.push(options);
    return {
      start: () => {},
      read: async () => ({ finished: true }),
      write: async () => undefined,
      quit: async () => {
        this.quits += 1;
      },
    };
  }
}

describe("openStream", () => {
  test("opens with the options that work: 16 bit, 10 ms, a queue that holds a stall, no end on an overflow", async () => {
    const portAudio = new FakePortAudio([[device(0, "Desk")]]);
    expect(await openStream(portAudio, request)).toMatchObject({ deviceName: "Desk", isDefault: false, deviceChannels: 1 });
    expect(portAudio.opened).toEqual([
      { deviceId: 0, sampleRate: 48_000, channelCount: 1, sampleFormat: 16, framesPerBuffer: 960, maxQueue: 25, closeOnError: false },
    ]);
  });

  test("a device whose id went to another one between look and opening is opened again, by its name", async () => {
    const plugged = [device(0, "Camera"), device(1, "Desk")];
    const portAudio = new FakePortAudio([[device(0, "Desk")], plugged, plugged, plugged]);
    expect(await openStream(portAudio, request)).toMatchObject({ deviceName: "Desk" });
    expect(portAudio.opened.map((options) => options.deviceId)).toEqual([0, 1]);
    expect(portAudio.quits).toBe(1);
  });

  test("a list that never stands still is given up", async () => {
    const lists = Array.from({ length: 6 }, (_, look) => [device(0, look % 2 === 0 ? "Desk" : "Camera")]);
    expect(await openStream(new FakePortAudio(lists), request)).toEqual({ failure: { reason: "refused", deviceName: "Desk" } });
  });

  test("a device that does not do 48 kHz is opened at its own rate", async () => {
    const refuse = (options: StreamOptions) => (options.sampleRate === 48_000 ? "Format not supported: Invalid sample rate" : undefined);
    const portAudio = new FakePortAudio([[device(0, "Desk")]], refuse);
    expect(await openStream(portAudio, request)).toMatchObject({ deviceName: "Desk" });
    expect(portAudio.opened).toMatchObject([{ sampleRate: 44_100, framesPerBuffer: 882 }]);
  });

  test("a device is opened with no more channels than it has", async () => {
    const stereo = { ...request, channels: 2 as const };
    expect(await openStream(new FakePortAudio([[device(0, "Desk")]]), stereo)).toMatchObject({ deviceChannels: 1 });
    const both = new FakePortAudio([[device(0, "Desk", { maxInputChannels: 4 })]]);
    expect(await openStream(both, stereo)).toMatchObject({ deviceChannels: 2 });
  });

  test.each([
    ["Could not open stream: Device unavailable", "busy"],
    ["Format not supported: Sample format not supported", "format"],
    ["Format not supported: Unanticipated host error", "refused"],
  ])("%s is %s", async (words, reason) => {
    const portAudio = new FakePortAudio([[device(0, "Desk")]], () => words);
    expect(await openStream(portAudio, request)).toEqual({ failure: { reason, deviceName: "Desk" } });
  });
});
