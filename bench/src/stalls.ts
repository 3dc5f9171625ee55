import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { AudioStream, type RemoteTrack, Room, RoomEvent } from "@livekit/rtc-node";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { joinRoom, openTone } from "@roomtone/node-audio";

// node bench/src/stalls.ts [0 50 150 250 busy]: what a listener in a process of its own misses of publishers that stand still every 3.3 s.

const DRIVERS = ["opus", "rtc"];
const ROUNDS = 3;
const SECONDS = 20;
const EVERY_MS = 3300;
const BLOCK_MS = 10;
const SHORTEST_HOLE_MS = 20;

interface Heard {
  readonly holes: number;
  readonly holesMs: number;
  readonly longestMs: number;
}

/** Adds up the time in which a tone is quieter than a quarter of what it mostly is. */
function measureHoles(levels: readonly number[]): Heard {
  const usual = levels.toSorted((one, other) => one - other)[Math.floor(levels.length / 2)] ?? 0;
  const holes: number[] = [];
  let quietMs = 0;
  for (const level of [...levels, usual]) {
    if (level < usual / 4) quietMs += BLOCK_MS;
    else {
      if (quietMs >= SHORTEST_HOLE_MS) holes.push(quietMs);
      quietMs = 0;
    }
  }
  return { holes: holes.length, holesMs: holes.reduce((sum, each) => sum + each, 0), longestMs: Math.max(0, ...holes) };
}

async function publishUntilEnded(url: string, token: string, driver: string): Promise<void> {
  const room = await joinRoom({ url, token }, { driver });
  await room.publish(openTone({ frequencyHz: 440 }), { name: "tone", quality: "fixed" });
  process.send?.("published");
}

async function listenUntilAsked(url: string, token: string): Promise<void> {
  const levels: number[] = [];
  const room = new Room();
  room.on(RoomEvent.TrackSubscribed, (track: RemoteTrack) => void hear(track));
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  process.send?.("listening");
  process.on("message", (message) => {
    if (message === "from now") levels.length = 0;
    else process.send?.(measureHoles(levels));
  });

  async function hear(track: RemoteTrack): Promise<void> {
    const stream = new AudioStream(track, { sampleRate: 48_000, numChannels: 1, frameSizeMs: BLOCK_MS });
    const reader = stream.getReader();
    for (let block = await reader.read(); !block.done; block = await reader.read()) {
      const { data } = block.value;
      levels.push(Math.sqrt(data.reduce((sum, sample) => sum + sample * sample, 0) / data.length));
    }
  }
}

async function role(name: string, ...args: string[]): Promise<ChildProcess> {
  const child = fork(fileURLToPath(import.meta.url), [name, ...args]);
  await once(child, "message");
  return child;
}

/** All drivers and rounds side by side, so that whatever else the machine does meets each of them. */
async function measure(server: DevServer, stallMs: number, busyLoops: number): Promise<string[]> {
  const loops = Array.from({ length: busyLoops }, () => spawn("timeout", ["60", process.execPath, "-e", "for (;;);"]));
  const children: ChildProcess[] = [];
  try {
    const pairs = [];
    for (const driver of Array.from({ length: ROUNDS }, () => DRIVERS).flat()) {
      const roomName = `stalls-${stallMs}-${busyLoops}-${pairs.length}`;
      const listener = await role("listen", server.url, await server.createToken({ identity: "ear", roomName }));
      const publisher = await role("publish", server.url, await server.createToken({ identity: "mouth", roomName }), driver);
      children.push(listener, publisher);
      pairs.push({ driver, listener, publisher });
    }
    await passMs(2000);
    for (const { listener } of pairs) listener.send("from now");
    const endMs = performance.now() + SECONDS * 1000;
    while (performance.now() + EVERY_MS < endMs) {
      await passMs(EVERY_MS - stallMs);
      if (stallMs === 0) continue;
      for (const { publisher } of pairs) publisher.kill("SIGSTOP");
      await passMs(stallMs);
      for (const { publisher } of pairs) publisher.kill("SIGCONT");
    }
    await passMs(endMs - performance.now());
    const heard = await Promise.all(
      pairs.map(async ({ driver, listener }) => {
        listener.send("tell");
        const [told] = (await once(listener, "message")) as [Heard];
        return { driver, ...told };
      }),
    );
    return DRIVERS.map((driver) => {
      const [least, middle, most] = heard.filter((each) => each.driver === driver).sort((one, other) => one.holesMs - other.holesMs);
      if (!least || !middle || !most) throw new Error("a round is missing");
      return `${middle.holes}, ${middle.holesMs} ms (${least.holesMs} to ${most.holesMs}; longest ${most.longestMs})`;
    });
  } finally {
    for (const child of children) child.kill("SIGKILL");
    for (const loop of loops) loop.kill("SIGTERM");
  }
}

function passMs(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

const [name, ...args] = process.argv.slice(2);
const [url = "", token = "", driver = ""] = args;
if (name === "publish") await publishUntilEnded(url, token, driver);
else if (name === "listen") await listenUntilAsked(url, token);
else {
  const conditions = process.argv.length > 2 ? process.argv.slice(2) : ["0", "50", "150", "250", "busy"];
  const server = await startDevServer();
  console.log(`| | ${DRIVERS.join(" | ")} |\n|---|---|---|`);
  for (const condition of conditions) {
    const heard = condition === "busy" ? await measure(server, 0, 4) : await measure(server, Number(condition), 0);
    console.log(`| ${condition === "busy" ? "4 busy loops" : `${condition} ms`} | ${heard.join(" | ")} |`);
  }
  await server.close();
}
