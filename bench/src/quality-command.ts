import { parseArgs } from "node:util";
import { dispose } from "@livekit/rtc-node";
import { runQuality } from "./quality.ts";
import { recordTraces } from "./traces.ts";

const USAGE = `npm run bench -- quality [--rounds 3] [--seconds 30] [--loss 0]… [--seed 1] [--no-narrow]
                                  --record-traces FOLDER

How a speech-like signal of the profile voice sounds at a listener, with fixed settings and with those that follow the network, side by
side: at random loss (0, 10 and 25 % unless --loss says otherwise) with 80 ms of round trip, and over a link that becomes narrow.
--record-traces writes what a track reads over three networks: core's tests run the controller over them (packages/core/test/traces).`;

const { values } = parseArgs({
  args: process.argv.slice(3),
  allowNegative: true,
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "30" },
    loss: { type: "string", multiple: true, default: ["0", "10", "25"] },
    seed: { type: "string", default: "1" },
    narrow: { type: "boolean", default: true },
    "record-traces": { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) console.log(USAGE);
else if (values["record-traces"] !== undefined) await recordTraces(values["record-traces"]);
else {
  await runQuality({
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    lossPercents: values.loss.map(Number),
    seed: Number(values.seed),
    narrow: values.narrow,
  });
  await dispose();
}
process.exit(0);
