import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { accessTo } from "./access-to.js";
import { BIN, endAll, Roomtone } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

const server = withDevServer();
afterEach(endAll);

/** A run in which libopus does not load. */
function publish(...args: string[]): Roomtone {
  const keys = accessTo(server(), "no-opus");
  return new Roomtone(["publish", "--json", ...keys, "--input", "tone:440", ...args], {
    command: [process.execPath, "--require", join(import.meta.dirname, "faults", "no-opus.cjs"), BIN],
  });
}

describe("roomtone publish where libopus does not load", () => {
  it("publishes by rtc, and warns of it once with what to do", async () => {
    const run = publish();
    await run.event("published");
    run.process.kill("SIGINT");
    expect(await run.exited).toMatchObject({ code: 0 });
    const told = (kind: string) => run.events.filter(({ event }) => event === kind);
    expect(told("published")).toMatchObject([{ driver: "rtc" }]);
    expect(told("warning")).toMatchObject([
      { message: expect.stringMatching(/rtc publishes instead of opus.*npm install @discordjs\/opus/) },
    ]);
  });

  it.each([
    ["unsupported", ["--complexity", "3"]],
    ["native-missing", ["--driver", "opus"]],
  ])("says %s to %j rather than leave out what was asked for", async (code, args) => {
    const run = publish(...args);
    await run.exited;
    expect(run.events.filter(({ event }) => event === "error")).toMatchObject([{ code }]);
  });
});
