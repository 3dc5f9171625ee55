import { describe, expect, it } from "vitest";
import { parseMetricsAddress } from "./metrics-address.js";

describe("the address of --metrics", () => {
  it.each([
    ["9464", { host: "127.0.0.1", port: 9464 }],
    [":9464", { host: "127.0.0.1", port: 9464 }],
    ["0.0.0.0:9464", { host: "0.0.0.0", port: 9464 }],
    ["[::]:1", { host: "::", port: 1 }],
    ["localhost:0", { host: "localhost", port: 0 }],
  ])("takes %s", (text, address) => {
    expect(parseMetricsAddress(text)).toEqual(address);
  });

  it.each(["", "host", "70000", "a b:1", "1:2:3", "-1", "http://x:1"])("refuses %s", (text) => {
    expect(() => parseMetricsAddress(text)).toThrow("It takes a port");
  });
});
