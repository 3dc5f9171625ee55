import { type ErrorCode, isRoomtoneError } from "@roomtone/core";
import { describe, expect, it } from "vitest";
import type { CurrentSitting } from "./room-driver-exam.js";
import { DriverEventLog } from "./room-driver-sitting.js";

/** Longest that a refusal may take: a hang guard, with slack for a loaded machine. */
const PROMPT_MS = 10_000;

export function describeJoining(current: CurrentSitting): void {
  const failure = async (url: string, token: string): Promise<unknown> => {
    const { environment } = current();
    const log = new DriverEventLog(environment);
    const joining = environment.driver.connect({ url, token, subscribe: false, on: log.on }, new AbortController().signal);
    return joining.then(
      async (connection) => {
        await connection.close();
        return undefined;
      },
      (error: unknown) => error,
    );
  };
  const code = (error: unknown): ErrorCode | unknown => (isRoomtoneError(error) ? error.code : error);

  describe("joining", () => {
    it("reports the room, ourselves and who is there", async () => {
      const sitting = current();
      const peer = await sitting.peer("peer");
      const track = await peer.publish(300, { name: "theirs" });
      const { connection } = await sitting.join("me", { name: "My Name" });
      expect(connection.room.name).toBe(sitting.room);
      expect(connection.room.sid).not.toBe("");
      expect(connection.localParticipant).toMatchObject({ identity: "me", name: "My Name" });
      expect(connection.participants).toHaveLength(1);
      expect(connection.participants[0]).toMatchObject({ identity: "peer", tracks: [{ sid: track.sid, name: "theirs", kind: "audio" }] });
    });

    it("refuses a token signed with another secret as token-invalid, without repeating it", async () => {
      const sitting = current();
      const token = await sitting.token({ identity: "me", fault: "wrong-signature" });
      const error = await failure(sitting.environment.url, token);
      expect(code(error)).toBe("token-invalid");
      expect(JSON.stringify([(error as Error).message, (error as { details: unknown }).details])).not.toContain(token);
    });

    it("refuses an expired token as token-expired", async () => {
      const sitting = current();
      const error = await failure(sitting.environment.url, await sitting.token({ identity: "me", fault: "expired" }));
      expect(code(error)).toBe("token-expired");
    });

    it("says server-unreachable, promptly, where nothing listens", async () => {
      const { environment, ...sitting } = { environment: current().environment, token: await current().token({ identity: "me" }) };
      const startMs = environment.time.nowMs();
      expect(code(await failure(environment.deadUrl, sitting.token))).toBe("server-unreachable");
      expect(environment.time.nowMs() - startMs).toBeLessThan(PROMPT_MS);
    });

    it.each([0, 5, 40])("aborted after %i ms, rejects with the signal's reason and leaves no participant", async (delayMs) => {
      const sitting = current();
      const { driver, url, time } = sitting.environment;
      const peer = await sitting.peer("peer");
      const token = await sitting.token({ identity: "me" });
      const controller = new AbortController();
      const reason = new Error("changed my mind");
      const joining = driver.connect({ url, token, subscribe: false, on: () => {} }, controller.signal).then(
        (connection) => connection.close().then(() => "joined before"),
        (error: unknown) => error,
      );
      if (delayMs > 0) await time.sleep(delayMs);
      controller.abort(reason);
      expect([reason, "joined before"]).toContain(await joining);
      await time.sleep(500); // who was let in all the same is there by then
      await sitting.gone(peer, "me");
    });

    it("rejects at once with a signal that was aborted before", async () => {
      const { environment } = current();
      const token = await current().token({ identity: "me" });
      const joining = environment.driver.connect(
        { url: environment.url, token, subscribe: false, on: () => {} },
        AbortSignal.abort(new Error("too late")),
      );
      await expect(joining).rejects.toThrow("too late");
    });
  });
}
