import { runTool, tools } from "./tool.ts";

/** Runs turbo's `tasks` in every package; resolves with the output where one failed. Cached tasks take no time. */
export async function build(tasks: readonly string[]): Promise<string | undefined> {
  const { exitCode, output } = await runTool(tools.turbo, ["run", ...tasks, "--output-logs=errors-only", "--ui=stream"], {
    env: { TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" },
  });
  return exitCode === 0 ? undefined : output;
}
