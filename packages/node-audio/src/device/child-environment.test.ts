import { expect, test } from "vitest";
import { childEnvironment } from "./child-environment.js";

test("a PortAudio process gets what sound libraries read and nothing else", () => {
  const own = { PATH: "/bin", PULSE_SERVER: "unix:/run/pulse", LIVEKIT_API_SECRET: "secret", LIVEKIT_TOKEN: "token", PULSE_API_KEY: "key" };
  expect(childEnvironment("/native", own)).toEqual({ PATH: "/bin", PULSE_SERVER: "unix:/run/pulse", LD_LIBRARY_PATH: "/native" });
});

test("PortAudio's own folder comes first where libraries are looked for, so that a moved node_modules works", () => {
  expect(childEnvironment("/native", { LD_LIBRARY_PATH: "/usr/local/lib" })["LD_LIBRARY_PATH"]).toBe("/native:/usr/local/lib");
});
