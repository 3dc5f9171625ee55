import { describe, expect, test } from "vitest";
import { openingError } from "./vendor-errors.js";

const names = Array.from({ length: 10 }, (_, index) => `Microphone ${index}`);

describe("openingError", () => {
  test("a microphone that is not there is device-not-found, with some names and where to find the others", () => {
    const error = openingError("input", { deviceName: "Desk", orDefault: false }, { reason: "not-found", deviceNames: names }, "");
    expect(error).toMatchObject({ code: "device-not-found", details: { deviceName: "Desk" } });
    expect(error.message).toContain('"Microphone 7" and 2 more');
    expect(error.message).toContain("roomtone devices");
  });

  test("a speaker that is not there is output-unwritable", () => {
    const error = openingError("output", { deviceName: "Desk", orDefault: false }, { reason: "not-found", deviceNames: names }, "");
    expect(error.code).toBe("output-unwritable");
  });

  test.each([
    ["ALSA lib pulse.c:242: PulseAudio: Unable to connect: Connection refused", "no sound service runs"],
    ["ALSA lib: cannot open /dev/snd: Permission denied", 'group "audio"'],
    ["", "connect one"],
  ])("no devices at all: what native code printed (%j) tells why", (printed, said) => {
    const error = openingError("input", { orDefault: true }, { reason: "no-devices" }, printed);
    expect(error).toMatchObject({ code: "device-not-found", message: expect.stringContaining(said) });
    expect(error.message).not.toContain("ALSA lib");
  });

  test.each([
    [{ reason: "busy", deviceName: "hw:0" }, "", "device-in-use"],
    [{ reason: "refused", deviceName: "hw:0" }, "Device or resource busy", "device-in-use"],
    [{ reason: "refused", deviceName: "hw:0" }, "Permission denied", "permission-denied"],
    [{ reason: "refused", deviceName: "hw:0" }, "", "device-lost"],
    [{ reason: "format", deviceName: "hw:0" }, "", "unsupported"],
    [{ reason: "native-missing" }, "", "native-missing"],
  ] as const)("%j with %j is %s", (failure, printed, code) => {
    expect(openingError("input", { orDefault: true }, failure, printed).code).toBe(code);
  });

  test("no control character of a device's name reaches a message", () => {
    const error = openingError("input", { orDefault: true }, { reason: "busy", deviceName: "\u001b[31mred\u0007" }, "");
    expect(error.message).not.toMatch(/\p{Cc}/u);
  });
});
