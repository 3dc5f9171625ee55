import { describe, expect, it } from "vitest";
import { cutText, tidyName, tidyText } from "./names.js";

describe("the name of a room or of a person", () => {
  it.each([
    ["  lead and trail  ", "lead and trail"],
    ["two\nlines\u0000", "two lines"],
    ["safe\u202egnp.exe\u202c", "safe gnp.exe"],
    ["می\u200cخواهم", "می\u200cخواهم"],
    ["👩\u200d🎤", "👩\u200d🎤"],
    ["<script>a/b?c#d%</script>", "<script>a/b?c#d%</script>"],
    ["\ud83d", ""],
    ["\u200b\u200b", ""],
    [" \u0301 ", ""],
    ["", ""],
  ])("%j is %j", (text, name) => {
    expect(tidyName(text)).toBe(name);
  });

  it("is no longer than a server takes, and ends with a whole character", () => {
    for (const letter of ["w", "ø", "漢", "😀", "👩‍👩‍👧‍👦"]) {
      const name = tidyName(letter.repeat(300));
      expect(name.length).toBeLessThanOrEqual(128);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(256);
      expect(Buffer.byteLength(name)).toBeGreaterThan(120);
      // What is cut in the middle comes back as something else.
      expect(Buffer.from(name).toString()).toBe(name);
    }
  });
});

it("leaves a stranger's lines and joiners, and takes their controls", () => {
  expect(tidyText(" one\r\ntwo\tthree\u0007\u2066 ")).toBe("one\ntwo\tthree");
  expect(tidyText("\u200b\n ")).toBe("");
});

it("cuts in front of a character that does not fit as a whole", () => {
  expect(cutText("a😀b", 2)).toBe("a");
  expect(cutText("a😀b", 3)).toBe("a😀");
  expect(cutText("aøb", 3, 2)).toBe("a");
});
