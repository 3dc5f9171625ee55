import { fuzz } from "@roomtone/testing";
import { expect, it } from "vitest";
import { endpointTarget, whipAnswerTarget } from "./http-answers.js";

it.each([
  ["a token endpoint's answer of any kind gives a token, or ends with a sentence that does not hold it", endpointTarget],
  ["a WHIP server's answer of any kind opens a session, or ends with a sentence", whipAnswerTarget],
])("%s", async (_claim, target) => {
  const opened = await target(700);
  expect(await fuzz(opened)).toBeGreaterThan(0);
  await opened.close();
});
