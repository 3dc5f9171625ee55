import { describe, expect, it } from "vitest";
import { isThisMachineOnly, readPageLink, readServerUrl, writePageLink } from "./page-link.js";

describe("a link to the studio", () => {
  it("says the same when it is read as when it was written", () => {
    for (const link of [
      { roomName: "<b>a & b?</b>", listen: true, serverUrl: "" },
      { roomName: "hall", listen: false, serverUrl: "wss://live.example.com:7443" },
      { roomName: "", listen: true, serverUrl: "" },
    ]) {
      expect(readPageLink(new URL(writePageLink("http://127.0.0.1:7878/", link)).search)).toEqual(link);
    }
  });

  it("holds nothing of the address that it is written from but the page", () => {
    const link = writePageLink("https://me:rtsecret_1@example.com/studio/?token=rtsecret_2#rtsecret_3", {
      roomName: "hall",
      listen: true,
      serverUrl: "",
    });
    expect(link).toBe("https://example.com/studio/?room=hall&listen");
  });
});

it.each([
  ["wss://live.example.com", "wss://live.example.com"],
  [" https://live.example.com/ ", "wss://live.example.com"],
  ["ws://me:rtsecret_1@localhost:7880/base/?token=rtsecret_2", "ws://localhost:7880/base"],
  ["live.example.com", undefined],
  ["javascript:alert(1)", undefined],
  ["ftp://example.com", undefined],
  ["", undefined],
])("reads %j as the server %j", (text, url) => {
  expect(readServerUrl(text)).toBe(url);
});

it("knows the addresses that lead nowhere from another machine", () => {
  expect(["localhost", "127.0.0.1", "[::1]", "a.localhost"].filter((name) => !isThisMachineOnly(name))).toEqual([]);
  expect(["example.com", "10.0.0.7", "localhost.example.com"].filter(isThisMachineOnly)).toEqual([]);
});
