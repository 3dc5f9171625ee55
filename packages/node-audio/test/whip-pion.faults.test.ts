import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { canIsolate } from "./support/isolated-network.js";
import { getPionServer, visitPionServer } from "./support/pion-server.js";

const visitor = fileURLToPath(new URL("./support/pion-visitor.mjs", import.meta.url));

describe.skipIf(!(await canIsolate()))("WHIP into a server that is not LiveKit's", () => {
  it("is heard at 440 Hz through pion's own example, and leaves in time though that server breaks off at a DELETE", async () => {
    const seen = await visitPionServer(await getPionServer(), visitor);
    expect(seen).toMatchObject({ purity: expect.any(Number), events: ["connected", "published", "closed"] });
    expect((seen as { leftAfterMs: number }).leftAfterMs).toBeLessThan(2000);
  });
});
