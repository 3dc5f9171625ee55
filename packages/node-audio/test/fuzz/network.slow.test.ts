import { fuzz } from "@roomtone/testing";
import { expect, it } from "vitest";
import { holdings } from "../endurance/memory.js";
import { endpointTarget, whipAnswerTarget } from "./http-answers.js";
import { answerTarget, type ClosableTarget, serverMessageTarget, welcomeTarget } from "./server-messages.js";

const KIB_PER_MIB = 1024;
const BUDGET_MS = 20_000;

it.each([
  ["a server's message of any kind is taken, ignored, or ends the connection with a reason", serverMessageTarget],
  ["a server's welcome of any kind lets us in, or ends with a sentence", welcomeTarget],
  ["a server's answer of any kind to an offer is taken, or ends with a reason", answerTarget],
  ["a token endpoint's answer of any kind gives a token, or ends with a sentence that does not hold it", endpointTarget],
  ["a WHIP server's answer of any kind opens a session, or ends with a sentence", whipAnswerTarget],
])("%s, and leaves nothing behind (full budget)", async (_claim, target) => {
  await fuzzOnce(target, 5_000);
  const before = await holdings();
  expect(await fuzzOnce(target, BUDGET_MS)).toBeGreaterThan(50);
  // A connection that was given up in its handshake has timers that run for some seconds more.
  const growth = async () => {
    const after = await holdings();
    return { isSmall: after.usedKib - before.usedKib < 16 * KIB_PER_MIB, areClosed: after.descriptors <= before.descriptors + 2 };
  };
  await expect.poll(growth, { timeout: 60_000, interval: 1000 }).toEqual({ isSmall: true, areClosed: true });
});

async function fuzzOnce(target: (budgetMs: number) => Promise<ClosableTarget>, budgetMs: number): Promise<number> {
  const opened = await target(budgetMs);
  try {
    return await fuzz(opened);
  } finally {
    await opened.close();
  }
}
