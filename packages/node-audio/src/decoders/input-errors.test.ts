import { RoomtoneError } from "@roomtone/core";
import { expect, test } from "vitest";
import { readError } from "./input-errors.js";

test("each refusal of the system is a sentence that says what to do, and none is the system's own", () => {
  const cases = {
    EACCES: /permissions/,
    EPERM: /permissions/,
    ENOENT: /does not exist/,
    EISDIR: /is a folder/,
    EMFILE: /open files/,
    EIO: /disk/,
    EWHATEVER: /broke off/,
  };
  for (const [code, message] of Object.entries(cases)) {
    const error = readError(Object.assign(new Error("vendor text"), { code }), "song.mp3", { path: "/music/song.mp3" });
    expect(error).toMatchObject({
      code: "input-unreadable",
      message: expect.stringMatching(message),
      details: { path: "/music/song.mp3" },
    });
    expect(error.message).not.toContain("vendor");
  }
});

test("an error of ours keeps its words, and learns where it happened", () => {
  const error = readError(new RoomtoneError("input-unreadable", "song.mp3 is empty."), "song.mp3", { path: "/music/song.mp3" });
  expect(error).toMatchObject({ message: "song.mp3 is empty.", details: { path: "/music/song.mp3" } });
});
