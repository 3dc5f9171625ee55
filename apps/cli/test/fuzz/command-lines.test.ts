import { fuzz } from "@roomtone/testing";
import { expect, it } from "vitest";
import { commandLineTarget, dotenvTarget } from "./command-lines.js";

it("a command line of any kind parses, or ends with a sentence and a documented exit code", async () => {
  expect(await fuzz(commandLineTarget(1000))).toBeGreaterThan(0);
});

it("a .env of any kind is read, or refused with a sentence", async () => {
  const target = await dotenvTarget(500);
  expect(await fuzz(target)).toBeGreaterThan(0);
  await target.close();
});
