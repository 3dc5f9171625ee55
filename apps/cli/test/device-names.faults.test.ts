import { withVirtualMicrophone } from "@roomtone/testing";
import { afterEach, expect, it } from "vitest";
import { endAll, Roomtone } from "./roomtone.js";

const HOSTILE = "desk\x1b[2J\x1b]0;owned\x07\u202eksed";
const microphone = withVirtualMicrophone();
afterEach(endAll);

it("a device whose name would clear the terminal is listed as text, and programs read its name", async () => {
  await microphone().addDevice(HOSTILE, "input");
  const plain = new Roomtone(["devices"]);
  expect(await plain.exited).toMatchObject({ code: 0 });
  expect(plain.text).toContain("desk\\u{1b}[2J");
  expect(`${plain.text}${plain.stderr}`).not.toMatch(/[^\P{Cc}\n\t]|\u202e/u);
  const json = new Roomtone(["devices", "--json"]);
  expect(await json.exited).toMatchObject({ code: 0 });
  expect(json.text).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
  expect(json.events.map(({ name }) => name)).toContain(HOSTILE);
});
