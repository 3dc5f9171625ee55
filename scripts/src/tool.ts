import { spawn } from "node:child_process";
import { join } from "node:path";
import { onSignal } from "./signals.ts";

export const root = join(import.meta.dirname, "..", "..");

/** How a tool ended, and all that it printed. */
export interface ToolResult {
  readonly exitCode: number;
  readonly output: string;
}

export interface ToolOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called with each piece of output as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** Entry files of the tools: run with our own Node, so that no shell and no shim of the system is involved. */
export const tools = {
  biome: join(root, "node_modules/@biomejs/biome/bin/biome"),
  turbo: join(root, "node_modules/turbo/bin/turbo"),
  vitest: join(root, "node_modules/vitest/vitest.mjs"),
  knip: join(root, "node_modules/knip/bin/knip.js"),
  tsc: join(root, "node_modules/typescript/bin/tsc"),
} as const;

/** Runs a JavaScript tool to its end. A signal that ends us ends it first. */
export function runTool(entry: string, args: readonly string[], options: ToolOptions = {}): Promise<ToolResult> {
  return runCommand(process.execPath, [entry, ...args], options);
}

export function runCommand(command: string, args: readonly string[], options: ToolOptions = {}): Promise<ToolResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}), ...options.env },
    });
    const offSignal = onSignal((signal) => void child.kill(signal));
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        options.onOutput?.(text);
      });
    }
    child.once("error", (error) => {
      offSignal();
      resolve({ exitCode: 127, output: `${command}: ${error.message}\n` });
    });
    child.once("close", (exitCode, signal) => {
      offSignal();
      resolve({ exitCode: exitCode ?? (signal ? 130 : 1), output });
    });
  });
}
