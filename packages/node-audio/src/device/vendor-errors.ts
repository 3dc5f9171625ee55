import { type ErrorCode, RoomtoneError } from "@roomtone/core";
import { bindingDoesNotLoad } from "./binding-path.js";
import type { DeviceFailure, DeviceWish } from "./device-protocol.js";
import type { DeviceKind } from "./select-device.js";

const NAMED_AT_MOST = 8;

/** What a person calls a device of that kind. */
function noun(kind: DeviceKind): string {
  return kind === "input" ? "microphone" : "speaker";
}

/** A failure to play is one of the output; the codes that speak of devices belong to captures. */
function code(kind: DeviceKind, ofCapture: ErrorCode): ErrorCode {
  return kind === "input" ? ofCapture : "output-unwritable";
}

/**
 * The error for a device that could not be opened.
 *
 * @param printed what native code printed meanwhile: looked at for known causes, and never shown
 */
export function openingError(kind: DeviceKind, wish: DeviceWish, failure: DeviceFailure, printed: string): RoomtoneError {
  const cause = printed ? { cause: new Error(printed) } : {};
  const wanted = wish.deviceName === undefined ? {} : { deviceName: wish.deviceName };
  switch (failure.reason) {
    case "native-missing":
      return bindingDoesNotLoad();
    case "no-devices":
      return new RoomtoneError(code(kind, "device-not-found"), noDevices(kind, printed), wanted, cause);
    case "not-found":
    case "ambiguous": {
      const many = failure.reason === "ambiguous";
      const said = many ? `"${wish.deviceName}" fits several ${noun(kind)}s` : `no ${noun(kind)} is named "${wish.deviceName}"`;
      const names = failure.deviceNames.slice(0, NAMED_AT_MOST).map((name) => `"${name}"`);
      const more = failure.deviceNames.length - names.length;
      const listed = `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
      const message = `${said}: ${many ? "" : "there is "}${listed}. \`roomtone devices\` lists them`;
      return new RoomtoneError(code(kind, "device-not-found"), printable(message), wanted);
    }
    case "busy":
      return new RoomtoneError(
        code(kind, "device-in-use"),
        printable(`another program holds the ${noun(kind)} "${failure.deviceName}": close that program, or choose another device`),
        { deviceName: failure.deviceName, retryable: true },
        cause,
      );
    case "format":
      return new RoomtoneError(
        "unsupported",
        printable(`the ${noun(kind)} "${failure.deviceName}" does not take 16-bit audio: choose another device`),
        { deviceName: failure.deviceName },
        cause,
      );
    case "refused":
      return refused(kind, failure.deviceName, printed, cause);
  }
}

/** The error for a sound system that does not answer, or a device that delivers nothing, within `boundMs`. */
export function silentDevice(kind: DeviceKind, wish: DeviceWish, boundMs: number): RoomtoneError {
  const which = wish.deviceName === undefined ? `the default ${noun(kind)}` : `the ${noun(kind)} "${wish.deviceName}"`;
  return new RoomtoneError(
    code(kind, "device-lost"),
    printable(`${which} did not start within ${boundMs / 1000} s: check the cable, or restart the sound service`),
    { ...(wish.deviceName === undefined ? {} : { deviceName: wish.deviceName }), retryable: true },
  );
}

/** The error for a list of devices that did not come within `boundMs`. */
export function silentSoundSystem(boundMs: number): RoomtoneError {
  const message = `the sound system did not answer within ${boundMs / 1000} s: restart the sound service`;
  return new RoomtoneError("device-lost", message, { retryable: true });
}

/** The error for a process that ended by itself before it said anything. */
export function processEnded(printed: string): RoomtoneError {
  const cause = printed ? { cause: new Error(printed) } : {};
  return new RoomtoneError("device-lost", "the audio library crashed: try again, or try another device", { retryable: true }, cause);
}

function noDevices(kind: DeviceKind, printed: string): string {
  if (/Connection refused|Unable to connect/i.test(printed)) {
    return `no ${noun(kind)} was found, because no sound service runs: start it (PulseAudio: pulseaudio --start; PipeWire: systemctl --user start pipewire-pulse)`;
  }
  if (/Permission denied/i.test(printed)) {
    return `no ${noun(kind)} was found, because this user may not use sound devices: add it to the group "audio"`;
  }
  return `no ${noun(kind)} was found: connect one, and check that the sound service runs`;
}

function refused(kind: DeviceKind, deviceName: string, printed: string, cause: { cause?: Error }): RoomtoneError {
  if (/Permission denied/i.test(printed)) {
    const message = printable(`the system refused the ${noun(kind)} "${deviceName}": allow it in the system's settings`);
    return new RoomtoneError(code(kind, "permission-denied"), message, { deviceName }, cause);
  }
  if (/Device or resource busy/i.test(printed)) return openingError(kind, { orDefault: false }, { reason: "busy", deviceName }, "");
  const message = printable(`the ${noun(kind)} "${deviceName}" is listed but does not open: check its cable, or choose another device`);
  return new RoomtoneError(code(kind, "device-lost"), message, { deviceName, retryable: true }, cause);
}

/** Device names come from hardware and other programs: no control character of theirs reaches a terminal in a message of ours. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "�");
}
