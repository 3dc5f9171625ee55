import type { Publication } from "@roomtone/core";
import type { ExamPcmCapture, FakeFault, FakeOperation } from "@roomtone/testing";
import fc from "fast-check";
import { expect } from "vitest";
import { RoomUnderTest } from "./room-under-test.js";

const SLOTS = 3;

type Action =
  | { readonly do: "publish"; readonly slot: number; readonly muted: boolean }
  | { readonly do: "mute" | "unmute" | "replace" | "unpublish" | "moderator-mutes" | "lose-track"; readonly slot: number }
  | { readonly do: "restart" | "freeze" | "interrupt" | "vanish" | "wait"; readonly forMs: number }
  | { readonly do: "disconnect" };

export interface Scenario {
  readonly actions: readonly Action[];
  /** What befalls the operations, in turn, until it is used up. */
  readonly faults: readonly (FakeFault | undefined)[];
  readonly replace: boolean;
  readonly ghostAfterMs: number | undefined;
  readonly seed: number;
}

const slot = fc.integer({ min: 0, max: SLOTS - 1 });
const forMs = fc.integer({ min: 0, max: 6000 });

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("publish" as const), slot, muted: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("mute" as const, "unmute" as const), slot }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("replace" as const, "unpublish" as const), slot }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("moderator-mutes" as const, "lose-track" as const), slot }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("restart" as const, "freeze" as const, "interrupt" as const, "vanish" as const), forMs }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("wait" as const), forMs }) },
  { weight: 1, arbitrary: fc.constant({ do: "disconnect" as const }) },
);

const fault: fc.Arbitrary<FakeFault | undefined> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.record({ delayMs: fc.integer({ min: 1, max: 3000 }) }) },
  { weight: 2, arbitrary: fc.record({ fail: fc.constantFrom("server-unreachable" as const, "internal" as const), late: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ hang: true }) },
  { weight: 1, arbitrary: fc.constant({ duplicate: true }) },
);

export const scenario: fc.Arbitrary<Scenario> = fc.record({
  actions: fc.array(action, { minLength: 1, maxLength: 25 }),
  faults: fc.array(fault, { maxLength: 40 }),
  replace: fc.boolean(),
  ghostAfterMs: fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined }),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
});

interface Wanted {
  readonly publication: Publication;
  readonly name: string;
  capture: ExamPcmCapture;
}

/** Lets a scenario happen to a room, and checks that the room ends as was last asked, and then lets go of everything. */
export async function expectToHold(given: Scenario): Promise<void> {
  let { seed } = given;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const { replace, ghostAfterMs } = given;
  const test = new RoomUnderTest({ replace, random, ...(ghostAfterMs === undefined ? {} : { ghostAfterMs }) });
  const room = await test.join({ rejoinSpreadMs: 100 });
  const wanted = new Map<number, Wanted>();
  const muted = new Map<string, boolean>();
  const busy = new Set<number>();
  room.on({
    muted: ({ publication }) => void muted.set(publication.id, true),
    unmuted: ({ publication }) => void muted.set(publication.id, false),
  });
  let nextFault = 0;
  test.driver.faults = (operation) => fitting(given.faults[nextFault++], operation);

  const act = (next: Action): Promise<void> | void => {
    switch (next.do) {
      case "publish":
        return publish(next.slot, next.muted);
      case "wait":
        return test.clock.advance(next.forMs);
      case "disconnect":
        test.server.forget(test.connection.participant);
        test.connection.end("connection-lost");
        return;
      case "restart":
        test.server.stop();
        test.clock.setTimer(() => test.server.start(), next.forMs);
        return;
      case "freeze":
        test.server.freeze();
        test.clock.setTimer(() => test.server.thaw(), next.forMs);
        return;
      case "interrupt": {
        const { connection } = test;
        connection.interrupt();
        test.clock.setTimer(() => connection.resume(), next.forMs);
        return;
      }
      case "vanish": {
        const { connection } = test;
        test.server.forget(connection.participant);
        // Where liveness has nothing to go by, the driver's own ping finds out at last.
        test.clock.setTimer(() => connection.end("connection-lost"), 15_000);
        return;
      }
      default:
        return onSlot(next.do, next.slot);
    }
  };

  const publish = (index: number, startMuted: boolean): void => {
    if (wanted.has(index) || busy.has(index)) return;
    busy.add(index);
    const [capture, name] = [test.capture(), `slot ${index}`];
    room.publish(capture, { name, muted: startMuted }).then(
      (publication) => {
        busy.delete(index);
        wanted.set(index, { publication, name, capture });
        if (!muted.has(publication.id)) muted.set(publication.id, startMuted);
      },
      () => busy.delete(index), // A first publish may fail: then nothing is wanted.
    );
  };

  const onSlot = (what: Extract<Action, { slot: number }>["do"], index: number): void => {
    const current = wanted.get(index);
    if (!current) return;
    const { publication } = current;
    const track = test.serverTracks().find((candidate) => candidate.sid === publication.state.sid);
    if (what === "mute" || what === "unmute") {
      void publication.setMuted(what === "mute");
      muted.set(publication.id, what === "mute");
    } else if (what === "replace") {
      current.capture = test.capture(1000);
      void publication.replace(current.capture);
    } else if (what === "unpublish") {
      wanted.delete(index);
      void publication.unpublish();
    } else if (what === "moderator-mutes" && track) test.server.muteByServer(track, true);
    else if (what === "lose-track") test.connection.loseTrack(publication.id);
  };

  for (const next of given.actions) await act(next);
  // From here on nothing goes wrong any more, and what was asked for has to become true.
  test.driver.faults = () => undefined;
  await test.clock.advance(90_000);
  expect(room.state.connection).toBe("connected");
  const desired = Object.fromEntries(
    [...wanted.values()].map(({ publication, name }) => [name, muted.get(publication.id) ? "muted" : "live"]),
  );
  expect(test.published()).toEqual(desired);
  expect(test.serverTracks()).toHaveLength(wanted.size);
  const fed = new Set([...wanted.values()].map(({ capture }) => capture));
  expect(test.captures.map((capture) => capture.openConsumers)).toEqual(test.captures.map((capture) => (fed.has(capture) ? 1 : 0)));
  expect(room.state.publications.map(({ name, status }) => [name, status]).sort()).toEqual(
    Object.keys(desired)
      .map((name) => [name, "live"])
      .sort(),
  );
  await test.leave();
}

/** A fault that the driver's contract allows the operation: a failed join or publish leaves nothing behind, and a moderator's word is not lost. */
function fitting(given: FakeFault | undefined, { kind, event }: FakeOperation): FakeFault | undefined {
  if (!given) return undefined;
  if (kind === "event") {
    if (given.fail || given.hang || event === "muted-by-server" || event === "track-lost") return undefined;
    // A resume that is told after the next interruption is a lie that nobody can see through: drivers tell these two in order.
    return event === "resumed" && given.delayMs !== undefined ? undefined : given;
  }
  if (given.duplicate) return undefined;
  if (given.hang) return kind === "connect" || kind === "publish" || kind === "sample" ? given : undefined;
  if (kind === "connect" || kind === "publish") return { ...given, late: false };
  if (kind === "close") return given.delayMs === undefined ? undefined : given;
  return given;
}
