import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./tool.ts";

/** As tests report it: `FaultReport` of `@roomtone/testing`. */
export interface FaultRow {
  readonly part: string;
  readonly fault: string;
  readonly driver: string;
  readonly seen: string;
  readonly lost: string;
  readonly backMs: readonly number[];
  readonly guard: string;
}

const COLUMNS = ["Fault", "Driver", "What the user sees", "Lost", "Back after", "Held by"];
const PARTS = ["server", "token and clock", "network", "device", "machine"];

const path = join(root, "docs", "reliability.md");

/** The rows that the tests of a run reported, from vitest's JSON report. Tests that failed have none. */
export function faultRows(report: unknown): FaultRow[] {
  type Test = { readonly status: string; readonly meta?: { readonly faults?: FaultRow[] } };
  const { testResults = [] } = report as { testResults?: { assertionResults: Test[] }[] };
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === "passed").flatMap(({ meta }) => meta?.faults ?? []),
  );
}

/** Writes a run's rows into `docs/reliability.md`. Rows of faults that this run did not try stay as they are. */
export function writeReliability(rows: readonly FaultRow[], date: string): void {
  writeFileSync(path, renderReliability(existsSync(path) ? readFileSync(path, "utf8") : "", rows, date));
}

export function renderReliability(before: string, rows: readonly FaultRow[], date: string): string {
  const lines = new Map(readLines(before));
  for (const [key, line] of groupRows(rows)) lines.set(key, line);
  const sections = PARTS.map((part) => {
    const own = [...lines].filter(([key]) => key.startsWith(`${part}|`)).map(([, line]) => line);
    const table = [tableLine(COLUMNS), `|${COLUMNS.map(() => "---").join("|")}|`, ...own];
    return own.length === 0 ? "" : `\n## ${part[0]?.toUpperCase()}${part.slice(1)}\n\n${table.join("\n")}\n`;
  });
  return `${introduction(date)}${sections.join("")}`;
}

function introduction(date: string): string {
  return `# What breaks, and what happens then

Written from a run of the tests: \`npm run test:faults -- --write\`, and \`npm run test:slow -- --write\` for the faults that take minutes. Last on ${date}, on loopback. Each row is a test on real parts, which fails without the code in its last column.

"Back after" counts from the end of the fault (the server's first \`200\`, the network's or the device's return) until a listener hears the tone again: the median and the longest of so many times. A listener that joins only then is counted with its own join. A row without a time has no way back: the room ends, with the reason that is named.
`;
}

/** One line for each fault and driver, however many tests reported it. */
function groupRows(rows: readonly FaultRow[]): [string, string][] {
  const groups = new Map<string, FaultRow>();
  for (const row of rows) {
    const key = keyOf(row.part, row.fault, row.driver);
    groups.set(key, { ...row, backMs: [...(groups.get(key)?.backMs ?? []), ...row.backMs] });
  }
  return [...groups].map(([key, row]) => [key, tableLine([row.fault, row.driver, row.seen, row.lost, timesOf(row.backMs), row.guard])]);
}

function readLines(text: string): [string, string][] {
  const lines: [string, string][] = [];
  let part = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("## ")) part = line.slice(3).toLowerCase();
    const [, fault, driver] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    if (!fault || driver === undefined || fault === COLUMNS[0] || fault === "---") continue;
    lines.push([keyOf(part, fault, driver), line]);
  }
  return lines;
}

function keyOf(part: string, fault: string, driver: string): string {
  return `${part}|${escapeCell(fault)}|${escapeCell(driver)}`;
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map(escapeCell).join(" | ")} |`;
}

function escapeCell(text: string): string {
  return text.replaceAll(/(?<!\\)\|/g, "\\|").replaceAll("\n", " ");
}

function timesOf(backMs: readonly number[]): string {
  if (backMs.length === 0) return "";
  const sorted = backMs.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  const longest = sorted.at(-1) ?? 0;
  if (sorted.length === 1) return seconds(middle);
  return `${seconds(middle)}, longest ${seconds(longest)} (${sorted.length} times)`;
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(2)} s`;
}
