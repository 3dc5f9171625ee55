import { RoomtoneError } from "@roomtone/core";
import { expect, it } from "vitest";
import { microphoneRemedy } from "./microphone-advice.js";

it("says in one sentence what is wrong with a microphone and what to do, each once", () => {
  const denied = "The browser did not let this page use the microphone: allow it in the site settings beside the address, then try again.";
  expect(microphoneRemedy(new RoomtoneError("permission-denied", denied))).toBe(
    "The microphone is not allowed: allow it in the site settings beside the address, then try again.",
  );
  const unknown = "This browser offers no microphone to pages: use a current browser.";
  expect(microphoneRemedy(new RoomtoneError("unsupported", unknown))).toBe(unknown);
});
