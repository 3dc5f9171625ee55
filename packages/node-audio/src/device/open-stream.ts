import type { Socket } from "node:net";
import {
  CAPTURED_AT_ONCE_BLOCKS,
  type DeviceFailure,
  FRAMES_PER_BLOCK,
  type ListedDevice,
  PLAYBACK_QUEUE_BLOCKS,
  SAMPLE_RATE_HZ,
  type StreamTask,
} from "./device-protocol.js";
import type { PortAudio, PortAudioStream } from "./portaudio.js";
import { selectDevice } from "./select-device.js";

/** Buffers between PortAudio's thread and ours. In: room for a stall of ours, 500 ms. Out: every block is latency. */
const QUEUED_BUFFERS = { input: 25, output: PLAYBACK_QUEUE_BLOCKS };
/** Of one buffer of PortAudio's. */
const BUFFER_BLOCKS = { input: CAPTURED_AT_ONCE_BLOCKS, output: 1 };
const ATTEMPTS = 3;

/** An open stream, and the pipe that its audio crosses. */
export interface StreamPipe {
  readonly stream: PortAudioStream;
  readonly audio: Socket;
  /** Of the blocks on the pipe. */
  readonly channels: 1 | 2;
  readonly deviceChannels: 1 | 2;
  /** Aborts before the stream is asked to quit: PortAudio waits until nothing is written to it any more. */
  readonly closing: AbortSignal;
}

export interface OpenStream {
  readonly stream: PortAudioStream;
  readonly deviceName: string;
  readonly isDefault: boolean;
  readonly deviceChannels: 1 | 2;
}

/** Opens, and does not start, the device that `request` wishes for. */
export async function openStream(
  portAudio: Pick<PortAudio, "devices" | "open">,
  request: StreamTask,
): Promise<OpenStream | { readonly failure: DeviceFailure }> {
  const kind = request.task === "capture" ? "input" : "output";
  for (let attempt = 1; ; attempt += 1) {
    const selection = selectDevice(portAudio.devices(), kind, request.wish);
    if ("failure" in selection) return selection;
    const { device, isDefault } = selection;
    const maxChannels = kind === "input" ? device.maxInputChannels : device.maxOutputChannels;
    const deviceChannels = request.channels === 2 && maxChannels >= 2 ? 2 : 1;
    let stream: PortAudioStream;
    try {
      stream = await openAtSomeRate(portAudio, kind, device, deviceChannels);
    } catch (error) {
      return { failure: { reason: refusalReason(error), deviceName: device.name } };
    }
    // Ids are made anew at each look. Now that the stream is open the list stands still, so this is the device that it has.
    if (portAudio.devices()[device.id]?.name === device.name) return { stream, deviceName: device.name, isDefault, deviceChannels };
    await stream.quit("ABORT");
    if (attempt === ATTEMPTS) return { failure: { reason: "refused", deviceName: device.name } };
  }
}

/** At 48 kHz; a device that does not do that, at its own rate. */
async function openAtSomeRate(
  portAudio: Pick<PortAudio, "open">,
  kind: "input" | "output",
  device: ListedDevice,
  channelCount: number,
): Promise<PortAudioStream> {
  const options = { deviceId: device.id, channelCount, sampleFormat: 16, maxQueue: QUEUED_BUFFERS[kind], closeOnError: false } as const;
  try {
    return portAudio.open(kind, { ...options, sampleRate: SAMPLE_RATE_HZ, framesPerBuffer: FRAMES_PER_BLOCK * BUFFER_BLOCKS[kind] });
  } catch (error) {
    const rateHz = device.defaultSampleRateHz;
    if (refusalReason(error) !== "format" || rateHz === SAMPLE_RATE_HZ) throw error;
    // Loaded only where it is needed: a process with a common device starts sooner without.
    const { nativeFramesPerBlock, RateConvertedStream } = await import("./rate-converted-stream.js");
    const stream = portAudio.open(kind, {
      ...options,
      sampleRate: rateHz,
      framesPerBuffer: nativeFramesPerBlock(rateHz) * BUFFER_BLOCKS[kind],
    });
    return new RateConvertedStream(stream, rateHz, channelCount);
  }
}

/** PortAudio's words (its `Pa_GetErrorText`) as a reason of ours. */
function refusalReason(error: unknown): "busy" | "format" | "refused" {
  const words = error instanceof Error ? error.message : "";
  if (/Device unavailable/.test(words)) return "busy";
  if (/Invalid sample rate|Sample format not supported|number of channels/i.test(words)) return "format";
  return "refused";
}
