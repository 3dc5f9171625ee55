import { fuzz } from "@roomtone/testing";
import { expect, it } from "vitest";
import { commandLineTarget, dotenvTarget } from "./command-lines.js";

it("a command line of any kind parses, or ends with a sentence and a documented exit code (full budget)", async () => {
  expect(await fuzz(commandLineTarget(60_000))).toBeGreaterThan(1000);
});

it("a .env of any kind is read, or refused with a sentence (full budget)", async () => {
  const target = await dotenvTarget(30_000);
  expect(await fuzz(target)).toBeGreaterThan(1000);
  await target.close();
});
