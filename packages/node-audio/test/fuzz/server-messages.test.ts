import { fuzz } from "@roomtone/testing";
import { expect, it } from "vitest";
import { answerTarget, serverMessageTarget, welcomeTarget } from "./server-messages.js";

it.each([
  ["a server's message of any kind is taken, ignored, or ends the connection with a reason", serverMessageTarget],
  ["a server's welcome of any kind lets us in, or ends with a sentence", welcomeTarget],
  ["a server's answer of any kind to an offer is taken, or ends with a reason", answerTarget],
])("%s", async (_claim, target) => {
  const opened = await target(700);
  expect(await fuzz(opened)).toBeGreaterThan(0);
  await opened.close();
});
