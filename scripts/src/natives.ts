import { join } from "node:path";
import { tell } from "./step.ts";
import { root, runTool } from "./tool.ts";

const natives = [
  { name: "naudiodon", file: ["build/Release/naudiodon.node"], without: "there is no microphone" },
  { name: "@discordjs/opus", file: [], without: "neither recording nor the opus driver works" },
  { name: "@livekit/rtc-node", file: [], without: "no room can be joined" },
];

/** Loads each native library, and says what does not work without those that do not load. */
export async function checkNatives(): Promise<void> {
  await Promise.all(
    natives.map(async ({ name, file, without }) => {
      const from = join(root, "packages", "node-audio", "package.json");
      const { exitCode } = await runTool(join(import.meta.dirname, "load-native.cjs"), [from, name, ...file]);
      if (exitCode === 0) return;
      tell(`${name} does not load, so ${without}. With a C++ compiler, make and Python, delete node_modules and run this again.`);
    }),
  );
}
