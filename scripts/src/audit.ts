import { runCommand } from "./tool.ts";

/** What the registry knows about the packages that users get. `undone`: it could not be asked, which says nothing about them. */
export type Audit =
  | { readonly kind: "clean" }
  | { readonly kind: "found"; readonly advisories: readonly string[] }
  | { readonly kind: "undone" };

/** Asks the registry about production dependencies: advisories of high and critical severity count. */
export async function auditDependencies(): Promise<Audit> {
  const { output } = await runCommand("pnpm", ["audit", "--prod", "--audit-level=high", "--json"], {
    env: { npm_config_fetch_retries: "0", npm_config_fetch_timeout: "10000" },
  });
  return readAudit(output);
}

interface Advisory {
  readonly module_name?: string;
  readonly severity?: string;
  readonly title?: string;
  readonly url?: string;
}

/** What pnpm printed: a report in JSON, or an error in words. */
export function readAudit(output: string): Audit {
  const report = parse(output);
  if (!report?.metadata || !report.advisories) return { kind: "undone" };
  const advisories = Object.values(report.advisories)
    .filter(({ severity }) => severity === "high" || severity === "critical")
    .map(({ module_name, severity, title, url }) => `${module_name}: ${title} (${severity}, ${url})`);
  return advisories.length > 0 ? { kind: "found", advisories } : { kind: "clean" };
}

function parse(output: string): { readonly metadata?: unknown; readonly advisories?: Readonly<Record<string, Advisory>> } | undefined {
  try {
    const value: unknown = JSON.parse(output.slice(Math.max(0, output.indexOf("{"))));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
