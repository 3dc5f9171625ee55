import { FLEETS, type FleetFigures, IN_TIME_PERCENT, memoryEach } from "./fleets.ts";
import type { MicrophoneFigures } from "./microphone.ts";
import { quantile } from "./quantile.ts";
import { round } from "./rounding.ts";

const COLUMNS = [
  ["cpuPercent", "CPU of a core, %"],
  ["latencyP50Ms", "mouth to ear p50, ms"],
  ["latencyP95Ms", "p95, ms"],
  ["startMs", "start → first audio, ms"],
  ["memoryMb", "memory, MB"],
  ["exitMs", "Ctrl-C → exit, ms"],
] as const satisfies ReadonlyArray<readonly [keyof MicrophoneFigures, string]>;

export type MicrophoneMedians = ReadonlyMap<string, MicrophoneFigures>;

export function medians(measured: ReadonlyMap<string, readonly MicrophoneFigures[]>): MicrophoneMedians {
  const median = (rounds: readonly MicrophoneFigures[], key: keyof MicrophoneFigures) =>
    quantile(
      rounds.map((each) => each[key]),
      0.5,
    );
  return new Map(
    [...measured].map(([name, rounds]) => [
      name,
      Object.fromEntries(COLUMNS.map(([key]) => [key, median(rounds, key)])) as unknown as MicrophoneFigures,
    ]),
  );
}

/** One row a publisher; in brackets the ratio to `reference`. */
export function microphoneTable(measured: MicrophoneMedians, reference: string): string {
  const base = measured.get(reference);
  const rows = [...measured].map(([name, figures]) => {
    const cells = COLUMNS.map(([key]) =>
      name === reference || !base ? `${figures[key]}` : `${figures[key]} (${(figures[key] / base[key]).toFixed(2)}×)`,
    );
    return `| ${name} | ${cells.join(" | ")} |`;
  });
  return [`| publisher | ${COLUMNS.map(([, title]) => title).join(" | ")} |`, `|---|${COLUMNS.map(() => "---").join("|")}|`, ...rows].join(
    "\n",
  );
}

/** One row a size, CPU and memory of each stream. */
export function fleetTable(figures: readonly FleetFigures[]): string {
  const sizes = [...new Set(figures.map(({ streams }) => streams))].sort((a, b) => a - b);
  const rows = sizes.map((streams) => {
    const cells = FLEETS.map(({ name }) => {
      const one = figures.find((each) => each.name === name && each.streams === streams);
      if (!one) return "no CPU left";
      const each = memoryEach(figures, one);
      const late = one.sentPercent < IN_TIME_PERCENT ? `, not in time: ${one.sentPercent} % of the packets` : "";
      return `${one.cpuPercent} %, ${each === undefined ? `${round(one.memoryMb, 0)} MB` : `${each} MB`}${late}`;
    });
    return `| ${streams} | ${cells.join(" | ")} |`;
  });
  return [`| streams | ${FLEETS.map(({ name }) => name).join(" | ")} |`, `|---|${FLEETS.map(() => "---").join("|")}|`, ...rows].join("\n");
}
