/**
 * The program that PortAudio runs in: a process of its own, because native code here can crash, hang for ever and print. It is started
 * by device-process.ts and never imported. Nothing in it may wait for the sound daemon without the parent being able to end it.
 */
import { Socket } from "node:net";
import { AUDIO_DESCRIPTOR, type DeviceCommand, type DeviceMessage, type DeviceRequest } from "./device-protocol.js";
import { type OpenStream, openStream } from "./open-stream.js";
import { endNow, endWithParent } from "./parent-watch.js";
import { PortAudio } from "./portaudio.js";
import { captureBlocks } from "./portaudio-capture.js";
import { playBlocks } from "./portaudio-playback.js";

/** Long enough for PortAudio to let go of a device that answers. */
const QUIT_BOUND_MS = 300;

const request = JSON.parse(process.argv[2] as string) as DeviceRequest;
const stopWatching = endWithParent(request.parentPid);
// A terminal sends Ctrl-C and Ctrl-Z to all of its foreground programs; this one ends with its parent and at no other time.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGTSTP"] as const) {
  try {
    process.on(signal, () => {});
  } catch {
    // Windows has no SIGTSTP
  }
}
void run();

async function run(): Promise<void> {
  let portAudio: PortAudio;
  try {
    portAudio = new PortAudio(request.bindingPath);
  } catch {
    return last({ type: "failed", failure: { reason: "native-missing" } });
  }
  if (request.task === "list") return last({ type: "devices", devices: portAudio.devices() });

  const opened = await openStream(portAudio, request);
  if ("failure" in opened) return last({ type: "failed", failure: opened.failure });
  const { deviceName, isDefault, deviceChannels, stream } = opened;
  const audio = new Socket({ fd: AUDIO_DESCRIPTOR, readable: true, writable: true });
  audio.on("error", endNow); // the parent is gone
  const closing = new AbortController();
  process.on("message", (command: DeviceCommand) => {
    if (command.type !== "close" || closing.signal.aborted) return;
    closing.abort();
    quit(opened);
  });
  const task = request.task === "capture" ? captureBlocks : playBlocks;
  const done = task({ stream, audio, channels: request.channels, deviceChannels, closing: closing.signal });
  stream.start();
  stopWatching();
  process.send?.({ type: "ready", deviceName, isDefault, deviceChannels } satisfies DeviceMessage);
  await done;
  if (!closing.signal.aborted) endNow();
}

/** Says `message` and ends. */
function last(message: DeviceMessage): void {
  process.send?.(message, undefined, undefined, endNow);
}

/** Asks PortAudio once to let go of the device, and ends however that goes. */
function quit(opened: OpenStream): void {
  setTimeout(endNow, QUIT_BOUND_MS);
  opened.stream.quit("ABORT").then(endNow, endNow);
}
