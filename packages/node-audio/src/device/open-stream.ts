import type { Socket } from "node:net";
import { type DeviceFailure, type DeviceRequest, FRAMES_PER_BLOCK, PLAYBACK_QUEUE_BLOCKS, SAMPLE_RATE_HZ } from "./device-protocol.js";
import type { PortAudio, PortAudioStream } from "./portaudio.js";
import { selectDevice } from "./select-device.js";

/** Blocks of 10 ms between PortAudio's thread and ours. In: room for a stall of ours. Out: every block is latency. */
const QUEUED_BLOCKS = { input: 50, output: PLAYBACK_QUEUE_BLOCKS };
const ATTEMPTS = 3;

/** An open stream, and the pipe that its audio crosses. */
export interface StreamTask {
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
  portAudio: PortAudio,
  request: Extract<DeviceRequest, { task: "capture" | "play" }>,
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
      stream = portAudio.open(kind, {
        deviceId: device.id,
        sampleRate: SAMPLE_RATE_HZ,
        channelCount: deviceChannels,
        sampleFormat: 16,
        framesPerBuffer: FRAMES_PER_BLOCK,
        maxQueue: QUEUED_BLOCKS[kind],
        closeOnError: false,
      });
    } catch (error) {
      return { failure: { reason: refusalReason(error), deviceName: device.name } };
    }
    // Ids are made anew at each look. Now that the stream is open the list stands still, so this is the device that it has.
    if (portAudio.devices()[device.id]?.name === device.name) return { stream, deviceName: device.name, isDefault, deviceChannels };
    await stream.quit("ABORT");
    if (attempt === ATTEMPTS) return { failure: { reason: "refused", deviceName: device.name } };
  }
}

/** PortAudio's words (its `Pa_GetErrorText`) as a reason of ours. */
function refusalReason(error: unknown): "busy" | "format" | "refused" {
  const words = error instanceof Error ? error.message : "";
  if (/Device unavailable/.test(words)) return "busy";
  if (/Invalid sample rate|Sample format not supported|number of channels/i.test(words)) return "format";
  return "refused";
}
