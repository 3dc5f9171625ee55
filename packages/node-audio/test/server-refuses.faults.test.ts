import { type Answer, openSignalProxy, reportFault } from "@roomtone/testing";
import { describe, expect, it } from "vitest";
import { endlessBody, garbage, garbageFrame, halfFrame, redirectLoop, slowLoris, status } from "./support/bad-answers.js";
import { FaultRoom } from "./support/fault-room.js";
import { withDevServer } from "./support/with-dev-server.js";

const server = withDevServer();

interface BadAnswer {
  readonly what: string;
  readonly answer: Answer;
  /** How a first join ends, of which the server gets one attempt: one of these; any that is no fault of ours where there is none. */
  readonly codes: readonly string[];
  /** Whether `GET /`, too, looks as if the server were there. */
  readonly seemsUp?: boolean;
  readonly isEndless?: boolean;
  readonly saysNothing?: boolean;
}

/** The code that ends a join. */
function joinGuard(driver: string, { isEndless, saysNothing }: BadAnswer): string {
  if (driver === "rtc") return "`rtc-driver/preflight.ts` (*tried*)";
  if (saysNothing) return "the deadlines of `opus-driver/`, or that of core `connector.ts` (*tried*; without either alone it holds)";
  return isEndless ? "`opus-driver/refusals.ts`, `signal-socket.ts` (both *tried*)" : "`opus-driver/refusals.ts` (*tried*)";
}

/** The code that brings a live room back: where the server seems to be away, nobody asks to be let in. */
function liveGuard(driver: string, { seemsUp, what }: BadAnswer): string {
  if (!seemsUp) return "core `recovery.ts` (*tried*)";
  const isQuick = driver === "opus" && ["404", "429"].includes(what);
  return `core \`connector.ts\`: once live it is not final${isQuick ? ", `backoff.ts` (both *tried*)" : " (*tried*)"}`;
}

// LiveKit says 500 of a full room, too.
const brokenOrFull = ["server-unreachable", "server-full"];

const badAnswers: readonly BadAnswer[] = [
  { what: "401", answer: status(401, "invalid token"), codes: ["token-invalid"] },
  { what: "404", answer: status(404), codes: ["room-refused"], seemsUp: true },
  { what: "429", answer: status(429), codes: ["server-full"], seemsUp: true },
  { what: "500", answer: status(500), codes: brokenOrFull },
  { what: "503", answer: status(503), codes: ["server-unreachable"] },
  { what: "garbage", answer: garbage, codes: ["server-unreachable"] },
  { what: "a redirect loop", answer: redirectLoop, codes: [], seemsUp: true },
  { what: "an endless body of 500", answer: endlessBody(500), codes: brokenOrFull, isEndless: true },
  { what: "an endless body of 200", answer: endlessBody(200), codes: [], seemsUp: true, isEndless: true },
  { what: "a byte each second", answer: slowLoris, codes: ["server-unreachable"], saysNothing: true },
  { what: "half a WebSocket frame", answer: halfFrame, codes: ["server-unreachable"], seemsUp: true, saysNothing: true },
  { what: "a WebSocket frame that is no message", answer: garbageFrame, codes: ["server-unreachable"], seemsUp: true, saysNothing: true },
];

describe.each(["opus", "rtc"])("a server that answers badly, on %s", (driver) => {
  it.concurrent.for(badAnswers)("$what: a join fails with a sentence within 12 s, and nothing else", async (bad, context) => {
    const { what, answer, codes } = bad;
    const proxy = await openSignalProxy(server().url);
    proxy.answer(answer);
    const before = process.memoryUsage().rss;
    const startMs = performance.now();
    const error = await FaultRoom.joined({ server: server(), driver, url: proxy.url, joinRetries: 0 }).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    const elapsedMs = performance.now() - startMs;
    await proxy.close();
    expect(error).toMatchObject({ name: "RoomtoneError", code: expect.not.stringMatching("internal") });
    if (codes.length > 0) expect(codes).toContain((error as { code: string }).code);
    expect(elapsedMs).toBeLessThan(30_000);
    // rtc-node reads a refusal's body as long as it comes, until its own deadline.
    if (driver === "opus") expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
    await reportFault(context, {
      part: "server",
      fault: `answers a join with ${what}`,
      driver,
      seen: `\`${(error as { code: string }).code}\` after ${(elapsedMs / 1000).toFixed(1)} s`,
      lost: "",
      backMs: [],
      guard: joinGuard(driver, bad),
    });
  });

  it.concurrent.for(badAnswers.filter(({ what }) => what !== "401"))(
    "$what, for 5 s while live: the room comes back",
    async (bad, context) => {
      const { what, answer } = bad;
      const proxy = await openSignalProxy(server().url);
      const room = await FaultRoom.open({ server: server(), driver, url: proxy.url });
      try {
        proxy.answer(answer);
        proxy.cut();
        await room.told("reconnecting");
        await new Promise((resolve) => setTimeout(resolve, 5000)); // the length of the outage
        const attempts = proxy.attempts.length;
        proxy.cut();
        proxy.answer(undefined);
        const fromMs = performance.now();
        const heardMs = await room.heardWhenBackMs();
        await room.told("reconnected");
        expect(room.count("closed")).toBe(0);
        expect(attempts).toBeLessThan(what === "a redirect loop" ? 150 : 40); // rtc-node asks three times an attempt, and follows redirects, ten at a time
        await reportFault(context, {
          part: "server",
          fault: `answers with ${what} for 5 s while live`,
          driver,
          seen: "`reconnecting`, then `reconnected`",
          lost: "the outage and the time back",
          backMs: [heardMs - fromMs],
          guard: liveGuard(driver, bad),
        });
      } finally {
        await room.close();
      }
    },
  );
});
