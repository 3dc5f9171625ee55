import { expect, it } from "vitest";
import { SecretSearch } from "../src/secret-search.ts";

// In parts, so that this file is none of the output that holds one.
const secret = ["rtsecret", "0123456789abcdefghijABCDEFGHIJ"].join("_");
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = [part({ alg: "HS256", typ: "JWT" }), part({ iss: "key", sub: "ann", video: { roomJoin: true } }), "x".repeat(43)].join(".");

function search(...pieces: string[]): readonly string[] {
  const found = new SecretSearch();
  for (const piece of pieces) found.add(piece);
  return found.end();
}

it("finds a token and a secret, and repeats neither", () => {
  const found = search(`joining with ${token}\n`, `and with ${secret}!`);
  expect(found).toEqual(['a token after "joining with "', expect.stringMatching(/^an API secret after ".*and with "$/)]);
  expect(found.join()).not.toContain(secret.slice(12));
});

it("finds a secret that comes in pieces, once, wherever it is in a long output", () => {
  const long = "line of output\n".repeat(5_000);
  for (const [before, after] of [
    ["", ""],
    [long, ""],
    ["", long],
    [long, long],
  ] as const) {
    expect(search(before, secret.slice(0, 15), secret.slice(15), "\n", after)).toHaveLength(1);
    expect(
      search(...(before.match(/.{1,700}/gs) ?? []), ...(token.match(/.{1,9}/g) ?? []), ...(after.match(/.{1,700}/gs) ?? [])),
    ).toHaveLength(1);
  }
});

it("finds none in plain output", () => {
  expect(search("eyJ is how tokens begin; rtsecret_ is how secrets begin; eyJhbGciOiJIUzI1NiJ9.x.y\n")).toEqual([]);
});
