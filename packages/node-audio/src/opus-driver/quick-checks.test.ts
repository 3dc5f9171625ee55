import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RTCDtlsTransport } from "werift";
import { checkAtOnce } from "./quick-checks.js";

/** werift's agent as far as it is used: `connect` looks once, and then waits. */
class FakeAgent {
  state = "new";
  nominated: object | undefined;
  checkList: object[] = [];
  earlyChecks: unknown[] = [];
  earlyChecksDone = false;
  localCandidatesEnd = false;
  protocols: object[] = [];
  connects = 0;
  checks = 0;
  readonly #listeners: Array<(state: string) => void> = [];
  readonly stateChanged = { subscribe: (listener: (state: string) => void) => void this.#listeners.push(listener) };

  async connect(): Promise<void> {
    this.connects += 1;
    this.schedulingChecks();
  }

  addPair(pair: object): void {
    this.checkList.push(pair);
  }

  schedulingChecks(): boolean {
    this.checks += 1;
    return true;
  }

  setState(state: string): void {
    this.state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

function quickAgent(): FakeAgent {
  const agent = new FakeAgent();
  checkAtOnce({ iceTransport: { connection: agent } } as unknown as RTCDtlsTransport);
  return agent;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("an agent that checks at once", () => {
  it("begins with the first address that it hears of, and takes the server's checks for one from then on", async () => {
    const agent = quickAgent();
    const connecting = agent.connect();
    await vi.advanceTimersByTimeAsync(1000);
    expect([agent.connects, agent.earlyChecksDone]).toEqual([0, true]);
    agent.addPair({});
    await connecting;
    expect([agent.connects, agent.checks]).toEqual([1, 1]);
  });

  it("goes on at once where its machine has no address, so that it fails", async () => {
    const agent = quickAgent();
    agent.localCandidatesEnd = true;
    await agent.connect();
    expect(agent.connects).toBe(1);
  });

  it("goes on without anybody to ask after 8 s, so that it fails, unless it is closed before", async () => {
    const [agent, closed] = [quickAgent(), quickAgent()];
    const connecting = agent.connect();
    void closed.connect();
    await vi.advanceTimersByTimeAsync(7000);
    closed.setState("closed");
    await vi.advanceTimersByTimeAsync(1000);
    await connecting;
    expect([agent.connects, closed.connects, vi.getTimerCount()]).toEqual([1, 0, 1]); // the checks that it goes on with
  });

  it.each(["checkList", "earlyChecks"] as const)("does not wait where there is something in %s already", async (list) => {
    const agent = quickAgent();
    agent[list].push({});
    await agent.connect();
    expect([agent.connects, agent.checks]).toEqual([1, 1]);
  });

  it("begins the next check every 20 ms until there is a way, and lets werift wait for answers meanwhile", async () => {
    const agent = quickAgent();
    agent.addPair({});
    expect(agent.schedulingChecks()).toBe(false);
    await vi.advanceTimersByTimeAsync(100);
    expect(agent.checks).toBe(6);
    agent.nominated = {};
    await vi.advanceTimersByTimeAsync(1000);
    expect([agent.checks, vi.getTimerCount()]).toEqual([6, 0]);
    expect(agent.schedulingChecks()).toBe(false);
    expect(agent.checks).toBe(6);
  });

  it("leaves no timer behind where it is closed before there is a way, though werift goes on to another state", () => {
    const agent = quickAgent();
    agent.addPair({});
    agent.schedulingChecks();
    agent.setState("closed");
    agent.setState("completed");
    expect(vi.getTimerCount()).toBe(0);
  });
});
