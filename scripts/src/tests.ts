import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MintedSecrets } from "./minted-secrets.ts";
import { type FaultRow, faultRows } from "./reliability.ts";
import { SecretSearch } from "./secret-search.ts";
import { tell } from "./step.ts";
import { runTool, tools } from "./tool.ts";

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The one line that sums a run up: always the last, and always of this form. */
export function printOutcome({ passed, failed, skipped }: Outcome): void {
  process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
}

/**
 * Runs a lane of the tests, shows what they print, and searches all of it for secrets: for what looks like one, and for each that was made
 * in the run. Searched are the output, the report, and what the tests leave in their folder for temporary files, which is of the run too.
 */
export async function runTests(
  lane: string,
  args: readonly string[],
): Promise<Outcome & { readonly exitCode: number; readonly problems: readonly string[]; readonly faults: readonly FaultRow[] }> {
  const folder = mkdtempSync(join(tmpdir(), "roomtone-tests-"));
  const report = join(folder, "report.json");
  const left = join(folder, "left");
  mkdirSync(left);
  const minted = new MintedSecrets(folder);
  const search = new SecretSearch();
  try {
    const { exitCode, output } = await runTool(
      tools.vitest,
      ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...args],
      {
        env: { ROOMTONE_LANE: lane, TMPDIR: left, ...minted.environment },
        onOutput: (text) => {
          process.stdout.write(text);
          search.add(text);
        },
      },
    );
    const found = [...search.end(), ...minted.findIn(output), ...minted.findInFiles([report, left])];
    const problems = found.length > 0 ? [`secrets in the tests' output: ${found.join("; ")}`] : [];
    tell(`searched the output, the report and what the tests left for ${minted.count} tokens and secrets that they made.`);
    return { ...readReport(report, exitCode), exitCode, problems };
  } finally {
    minted.delete();
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(path: string, exitCode: number): Outcome & { readonly faults: readonly FaultRow[] } {
  try {
    const report = JSON.parse(readFileSync(path, "utf8"));
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites } = report;
    const failed: number = numFailedTests || (exitCode === 0 ? 0 : Math.max(1, numFailedTestSuites));
    return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests, faults: faultRows(report) };
  } catch {
    // It ended before it could report.
    return { passed: 0, failed: 1, skipped: 0, faults: [] };
  }
}
