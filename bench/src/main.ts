import { parseArgs } from "node:util";
import { dispose } from "@livekit/rtc-node";
import { quantile } from "./bursts.ts";
import { benchMicrophone, type MicrophoneFigures } from "./microphone.ts";

const USAGE = `npm run bench -- [--rounds 5] [--seconds 10] [--driver rtc]…

Measures \`roomtone publish --input microphone\` against the same chain wired by hand (naudiodon and @livekit/rtc-node),
in turn, in one run: a virtual microphone (Linux with PulseAudio), a real livekit-server, one rtc-node listener.`;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "10" },
    driver: { type: "string", multiple: true, default: ["opus", "rtc"] },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const figures = await benchMicrophone(Number(values.rounds), Number(values.seconds), values.driver);
console.log(table(figures));
await dispose();
process.exit(0);

/** Medians over the rounds, and each one's ratio to the chain wired by hand. */
function table(measured: Map<string, MicrophoneFigures[]>): string {
  const columns: ReadonlyArray<readonly [keyof MicrophoneFigures, string]> = [
    ["startMs", "start → first audio, ms"],
    ["cpuPercent", "CPU of a core, %"],
    ["latencyP50Ms", "latency p50, ms"],
    ["latencyP95Ms", "latency p95, ms"],
    ["memoryMb", "memory, MB"],
    ["exitMs", "Ctrl-C → exit, ms"],
  ];
  const median = (name: string, key: keyof MicrophoneFigures) =>
    quantile(
      (measured.get(name) ?? []).map((each) => each[key]),
      0.5,
    );
  const lines = [`| publisher | ${columns.map(([, title]) => title).join(" | ")} |`, `|---|${columns.map(() => "---").join("|")}|`];
  for (const name of measured.keys()) {
    const cells = columns.map(([key]) => {
      const value = median(name, key);
      return name === "by hand" ? `${value}` : `${value} (${(value / median("by hand", key)).toFixed(2)}×)`;
    });
    lines.push(`| ${name} | ${cells.join(" | ")} |`);
  }
  return lines.join("\n");
}
