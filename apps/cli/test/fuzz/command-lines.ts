import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failures, isRoomtoneError } from "@roomtone/core";
import type { FuzzTarget } from "@roomtone/testing";
import { CommanderError } from "commander";
import { expect } from "vitest";
import { chooseCredentials, readLevels } from "../../src/config/levels.js";
import { main } from "../../src/main.js";
import { parseCommandLine } from "../../src/program.js";
import { nameTracks, parseInputs } from "../../src/room/inputs.js";
import { FakeIo } from "../fake-io.js";

const bytes = (text: string) => new TextEncoder().encode(text);
/** Arguments are separated by what cannot be in one. */
const line = (...args: string[]) => bytes(args.join("\0"));
const signal = new AbortController().signal;
const exitCodes = new Set([0, ...Object.values(failures).map(({ exitCode }) => exitCode)]);
/** Commands that touch nothing outside themselves are run, too. */
const harmless = new Set(["token", "completion", "help", "--help", "--version", "-h", "-V"]);

/** Whatever the command line holds, it parses, or ends with a sentence and a documented exit code. */
export function commandLineTarget(budgetMs: number): FuzzTarget {
  return {
    corpus: join(import.meta.dirname, "corpus", "command-lines"),
    budgetMs,
    seeds: [
      line("publish", "--room", "stage", "--input", "tone:440", "--bitrate", "32k", "--duration", "1m30s", "--metrics", "0.0.0.0:9464"),
      line(
        "publish",
        "--url",
        "wss://a.example",
        "--input",
        "a.wav",
        "--input",
        "-",
        "--track-name",
        "a",
        "--fec",
        "--frame-duration",
        "20",
      ),
      line("token", "--api-key", "k", "--api-secret", "rtsecret_of_the_fuzzer", "--room", "r", "--valid-for", "1h", "--attribute", "k=v"),
      line("token", "--inspect", "eyJhbGciOiJIUzI1NiJ9.eyJ2aWRlbyI6e30sInN1YiI6ImEiLCJleHAiOjF9.c2ln"),
      line("token", "--api-key", "k", "--api-secret", "rtsecret_of_the_fuzzer", "--can-publish-sources", "microphone,camera", "--json"),
      line("listen", "--output", "x.wav", "--participant", "a", "--retries", "3"),
      line("record", "--overwrite", "x.ogg", "--loop"),
      line("completion", "zsh"),
      line("help", "publish"),
      line("--version"),
    ],
    run: async (input) => {
      const args = Buffer.from(input).toString("utf8").split("\0");
      const io = new FakeIo();
      io.stdin.end(); // `token --inspect` would wait for one there
      if (harmless.has(args[0] ?? "")) {
        expect(exitCodes).toContain(await main(args, "1.0.0", io, signal));
        expect(io.stderr.text).not.toMatch(/^ +at /m);
        expect(io.stderr.text).not.toMatch(/[^\P{Cc}\n]/u);
        if (!args.includes("--inspect")) expect(io.stderr.text).not.toContain("rtsecret_of_the_fuzzer");
        return;
      }
      try {
        const { options } = await parseCommandLine(args, "1.0.0", io);
        const { input: inputs, trackName } = options as { input?: readonly string[]; trackName?: readonly string[] };
        if (Array.isArray(inputs)) nameTracks(parseInputs(inputs, { tokenFromStdin: false }), trackName ?? []);
      } catch (error) {
        if (!(error instanceof CommanderError) && !isRoomtoneError(error, "usage") && !isRoomtoneError(error, "invalid-settings"))
          throw error;
      }
    },
  };
}

/** Whatever `.env` holds, it is read, or refused with a sentence. */
export async function dotenvTarget(budgetMs: number): Promise<FuzzTarget & { readonly close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "roomtone-fuzz-"));
  return {
    corpus: join(import.meta.dirname, "corpus", "dotenv"),
    budgetMs,
    seeds: [
      bytes('LIVEKIT_URL=wss://a.example\nLIVEKIT_API_KEY=k\nexport LIVEKIT_API_SECRET="a\\nb"\n# comment\n'),
      bytes("LIVEKIT_TOKEN='eyJ.x.y'\r\nLIVEKIT_URL=`ws://127.0.0.1:7880`\r\n"),
      bytes("\ufeffLIVEKIT_TOKEN = spaced # comment\n=\n==\nA"),
    ],
    run: async (input) => {
      await writeFile(join(folder, ".env"), input);
      try {
        chooseCredentials(await readLevels({}, { env: {}, cwd: folder }, signal));
      } catch (error) {
        if (!isRoomtoneError(error, "usage")) throw error;
      }
    },
    close: () => rm(folder, { recursive: true }),
  };
}
