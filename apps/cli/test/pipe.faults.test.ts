import { afterEach, describe, expect, it } from "vitest";
import { accessTo } from "./access-to.js";
import { endAll, Roomtone } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

const server = withDevServer();
afterEach(endAll);

const credentials = (room: string) => accessTo(server(), room);

describe("listen --output -", () => {
  it("is not held up by a program that reads nothing: it loses audio, and still leaves at once", async () => {
    const listener = new Roomtone(["listen", ...credentials("stalled"), "--output", "-"]);
    await listener.until("the listener in the room", () => listener.stderr.includes("in room stalled"));
    listener.process.stdout.pause();
    const publisher = new Roomtone(["publish", ...credentials("stalled"), "--input", "tone:440", "--json", "--stats-interval", "1s"]);
    await publisher.event("stats", 2);
    listener.process.kill("SIGINT");
    setTimeout(() => listener.process.stdout.resume(), 2500); // past its deadline
    expect(await listener.exited).toMatchObject({ code: 0 });
    expect(await publisher.end("SIGINT")).toMatchObject({ code: 0 });
  });
});
