import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FakeIo } from "../../test/fake-io.js";
import { main } from "../main.js";
import { createProgram } from "../program.js";
import { describeCommands } from "./tree.js";

async function script(shell: string): Promise<string> {
  const io = new FakeIo();
  expect(await main(["completion", shell], "0", io, new AbortController().signal)).toBe(0);
  return io.stdout.text;
}

/** What bash offers after `line`, whose last word is being typed. */
async function completeInBash(line: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "roomtone-completion-"));
  try {
    const path = join(folder, "completion.bash");
    writeFileSync(path, await script("bash"));
    const words = line.split(" ");
    const program = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; _roomtone; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const answer = execFileSync("bash", ["--norc", "-c", program, "bash", path, ...words], { encoding: "utf8", cwd: folder });
    return answer.split("\n").filter((word) => word !== "");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function exists(command: string): boolean {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("completion", () => {
  it("offers commands, then a command's flags with the global ones, then a flag's choices", async () => {
    expect(await completeInBash("roomtone p")).toEqual(["publish"]);
    expect(await completeInBash("roomtone publish --tr")).toEqual(["--track-name"]);
    expect(await completeInBash("roomtone publish --token-f")).toEqual(["--token-file"]);
    expect(await completeInBash("roomtone publish --muted --profile ")).toEqual(["voice", "music"]);
    expect(await completeInBash("roomtone --json listen --pa")).toEqual(["--participant"]);
    expect(await completeInBash("roomtone completion ")).toEqual(["bash", "zsh", "fish"]);
  });

  it("offers files where a file is taken, and nothing where only a person knows", async () => {
    expect(await completeInBash("roomtone publish --token-file comp")).toEqual(["completion.bash"]);
    expect(await completeInBash("roomtone record comp")).toEqual(["completion.bash"]);
    expect(await completeInBash("roomtone publish --room ")).toEqual([]);
  });

  it.each(["bash", "zsh", "fish"])("is a script that %s can read, with every command and flag", async (shell) => {
    const text = await script(shell);
    for (const { name, flags } of describeCommands(createProgram("0", () => {}))) {
      expect(text).toContain(name);
      for (const flag of flags.flatMap((one) => one.names)) expect(text).toContain(flag.replace(/^-+/, ""));
    }
    if (exists(shell)) execFileSync(shell, ["-n"], { input: text });
  });
});
