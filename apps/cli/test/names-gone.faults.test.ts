import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { reportFault, withFolder } from "@roomtone/testing";
import { RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { accessTo } from "./access-to.js";
import { BIN, endAll, Roomtone } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

const NAME = "media.roomtone.test";

const server = withDevServer();
const folder = withFolder();
let hosts: string;
let usual: string;
beforeAll(async () => {
  hosts = join(folder(), "hosts");
  usual = await readFile("/etc/hosts", "utf8");
  execFileSync("unshare", ["--mount", "true"]); // takes root on Linux, which is what continuous integration is
});
afterEach(endAll);

/** A run that finds its names in a list of its own. */
function publish(driver: string): Roomtone {
  const mine = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts] as const;
  const url = server().url.replace("127.0.0.1", NAME);
  const access = accessTo(server(), `names-${driver}`, url);
  return new Roomtone(["publish", ...access, "--driver", driver, "--input", "tone:440", "--json"], {
    stdin: "open",
    command: [...mine, process.execPath, BIN],
  });
}

describe.each(["opus", "rtc"])("roomtone publish --driver %s", (driver) => {
  it("comes back when the server's name is found again, which was gone while the server restarted and for 5 s more", async (context) => {
    await writeFile(hosts, `${usual}\n127.0.0.1 ${NAME}\n`);
    const run = publish(driver);
    await run.event("published");
    await writeFile(hosts, usual); // the same file, so that the run sees it
    await server().kill();
    await sleep(500); // the outage itself
    await server().start();
    await sleep(5000); // so long the server is there, and nobody finds it
    expect(run.events.map(({ event }) => event)).toContain("reconnecting");
    expect(run.events.map(({ event }) => event)).not.toContain("reconnected");
    await writeFile(hosts, `${usual}\n127.0.0.1 ${NAME}\n`);
    const fromMs = performance.now();
    const listener = await RawSubscriber.join(
      server().url,
      await server().createToken({ identity: "listener", roomName: `names-${driver}` }),
    );
    await run.until("a listener hears it", () => listener.packets.length > 10);
    const backMs = performance.now() - fromMs;
    await listener.leave();
    expect(await run.end("SIGTERM")).toMatchObject({ code: 0 });
    await reportFault(context, {
      part: "network",
      fault: "DNS gone while the server restarts, and 5 s longer",
      driver,
      seen: "`reconnecting`, then `reconnected`",
      lost: "the outage and the time back",
      backMs: [backMs],
      guard: "core `recovery.ts`: it asks for as long as it takes (*tried*)",
    });
  });
});
