import { fuzz } from "@roomtone/testing";
import { expect, it } from "vitest";
import { strangersTarget } from "./strangers.js";

it("what strangers call themselves moves no cursor, makes no line of its own, and reaches programs unchanged", async () => {
  expect(await fuzz(strangersTarget(500))).toBeGreaterThan(0);
});
