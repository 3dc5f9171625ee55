import { mkdir, readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { dispose } from "@livekit/rtc-node";
import { benchFleets, type FleetFigures } from "./fleets.ts";
import { benchMicrophone, type MicrophoneFigures } from "./microphone.ts";
import { plot } from "./plot.ts";
import { BY_HAND, GO } from "./publishers.ts";
import { writeIntoReadme } from "./readme.ts";
import { fleetTable, medians, microphoneTable } from "./tables.ts";

const USAGE = `npm run bench -- [microphone] [fleets] [--rounds 5] [--seconds 10] [--driver opus]… [--write]

microphone   \`roomtone publish --input microphone\` beside the same chain wired by hand (naudiodon and @livekit/rtc-node) and a Go
             program (pion/mediadevices, pion/webrtc, WHIP): in turn, in one run, medians of the rounds
fleets       1, 10, 50 and 100 streams in one process: CPU and memory of each
Both where none is named. Linux with PulseAudio, a real livekit-server, one rtc-node listener.
--write puts the tables into README.md and the plot into docs/bench.svg.`;

if (process.argv[2] === "quality") await import("./quality-command.ts");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "10" },
    driver: { type: "string", multiple: true, default: ["opus", "rtc"] },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

// The newest figures of each part, so that one of them can be measured again and the plot has both.
const resultsFolder = new URL("../results/", import.meta.url);
const results = new URL("newest.json", resultsFolder);
const kept: { microphone?: [string, MicrophoneFigures[]][]; fleets?: FleetFigures[] } = JSON.parse(
  await readFile(results, "utf8").catch(() => "{}"),
);
const wants = (part: string) => positionals.length === 0 || positionals.includes(part);
if (wants("microphone")) kept.microphone = [...(await benchMicrophone(Number(values.rounds), Number(values.seconds), values.driver))];
if (wants("fleets")) kept.fleets = await benchFleets([1, 10, 50, 100], Number(values.seconds));
await mkdir(resultsFolder, { recursive: true });
await writeFile(results, `${JSON.stringify(kept)}\n`);

const microphone = medians(new Map(kept.microphone));
const fleets = kept.fleets ?? [];
if (microphone.size > 0) {
  const beside = (reference: string) => `Ratios to ${reference}:\n\n${microphoneTable(microphone, reference)}`;
  console.log(`${microphone.has(GO) ? `${beside(GO)}\n\n` : ""}${beside(BY_HAND)}\n`);
  if (values.write) await writeIntoReadme("microphone", microphoneTable(microphone, microphone.has(GO) ? GO : BY_HAND));
}
if (fleets.length > 0) {
  console.log(fleetTable(fleets));
  if (values.write) await writeIntoReadme("fleets", fleetTable(fleets));
}
if (values.write) await writeFile(new URL("../../docs/bench.svg", import.meta.url), plot(microphone, fleets));
await dispose();
process.exit(0);
