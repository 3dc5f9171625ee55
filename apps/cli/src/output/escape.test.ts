import { describe, expect, it } from "vitest";
import { escapeForTerminal, toJsonLine } from "./escape.js";
import { Redaction } from "./redact.js";

const hostile = [
  "\x1b[2J\x1b]0;owned\x07",
  "a\u202egnp.exe",
  "\u009b31m",
  "line\nbreak\r",
  "x\u2066y\u2069",
  "\u200b\ufeff",
  "\u{e0041}",
  "\ud800",
];

describe("what strangers write", () => {
  it.each(hostile)("%j moves no cursor and reorders nothing on a terminal", (text) => {
    const shown = escapeForTerminal(text);
    expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  });

  it.each(["Ana María", "日本語", "👩‍💻".replaceAll("\u200d", ""), "naïve — “quoted”"])("%s is shown as it is", (text) => {
    expect(escapeForTerminal(text)).toBe(text);
  });

  it.each(hostile)("%j survives JSON, with nothing raw in the line", (text) => {
    const line = toJsonLine({ text });
    expect(line).toMatch(/^[\x20-\x7e\u00a0-\uffff]*$/);
    expect(escapeForTerminal(line)).toBe(line);
    expect(JSON.parse(line)).toEqual({ text });
  });
});

describe("redaction", () => {
  it("hides what it was told of, and whatever looks like a token", () => {
    const redaction = new Redaction();
    redaction.add("rtsecret_0123456789");
    redaction.add("s"); // too short: it would garble ordinary text
    const jwt = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiJhIn0", "c2lnbmF0dXJl"].join(".");
    expect(redaction.apply(`secret rtsecret_0123456789, token=${jwt}&x`)).toBe("secret <secret>, token=<token>&x");
  });
});
