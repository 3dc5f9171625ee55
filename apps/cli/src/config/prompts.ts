import type { Io } from "../io.js";
import { LeaveRequest } from "../leave.js";
import { escapeForTerminal } from "../output/escape.js";
import type { Output } from "../output/output.js";
import type { CredentialKind } from "./levels.js";
import { listRooms, type ServerKeys } from "./list-rooms.js";
import { parseServerUrl } from "./values.js";

type Prompts = typeof import("@clack/prompts");

/** Whether a person is there to answer. */
export function canAsk(io: Io, output: Output): boolean {
  return io.stdin.isTTY === true && output.isTerminal && !io.env["CI"] && io.isForeground();
}

/** Asks one question on standard error. Escape and Ctrl-C leave, as they do everywhere else. */
async function ask<Answer>(
  io: Io,
  signal: AbortSignal,
  question: (
    prompts: Prompts,
    common: { input: Io["stdin"]; output: Io["stderr"]; signal: AbortSignal; withGuide: false },
  ) => Promise<Answer | symbol>,
): Promise<Answer> {
  const prompts = await import("@clack/prompts");
  const answer = await question(prompts, { input: io.stdin, output: io.stderr, signal, withGuide: false });
  signal.throwIfAborted();
  if (prompts.isCancel(answer)) throw new LeaveRequest("key");
  return answer as Answer;
}

export async function askForUrl(io: Io, signal: AbortSignal): Promise<string> {
  return ask<string>(io, signal, (prompts, common) =>
    prompts.text({
      ...common,
      message: "Which LiveKit server?",
      placeholder: "ws://127.0.0.1:7880",
      defaultValue: "ws://127.0.0.1:7880",
      validate: (text) => (text ? problem(() => parseServerUrl(text)) : undefined),
    }),
  );
}

export async function askForSecret(what: string, io: Io, signal: AbortSignal): Promise<string> {
  return ask<string>(io, signal, (prompts, common) =>
    prompts.password({ ...common, message: `${what}?`, validate: (text) => (text ? undefined : "It is empty.") }),
  );
}

export async function askForCredentials(io: Io, signal: AbortSignal, output: Output): Promise<CredentialKind> {
  const kind = await ask<"dev" | "token" | "keys">(io, signal, (prompts, common) =>
    prompts.select({
      ...common,
      message: "How do you get into the room?",
      options: [
        { value: "dev" as const, label: "A development server on this machine", hint: "--dev" },
        { value: "token" as const, label: "A token", hint: "--token-file FILE" },
        { value: "keys" as const, label: "An API key and secret", hint: "--api-key, --api-secret" },
      ],
    }),
  );
  if (kind === "dev") return { kind };
  if (kind === "token") {
    const token = await askForSecret("Token", io, signal);
    output.redaction.add(token);
    return { kind, token };
  }
  const apiKey = await ask<string>(io, signal, (prompts, common) =>
    prompts.text({ ...common, message: "API key?", validate: (text) => (text ? undefined : "It is empty.") }),
  );
  const apiSecret = await askForSecret("API secret", io, signal);
  output.redaction.add(apiSecret);
  return { kind, apiKey, apiSecret };
}

/** Offers the rooms that the server has, and a new one. Where the server does not say, a name is asked for. */
export async function askForRoom(server: ServerKeys, io: Io, signal: AbortSignal): Promise<string> {
  const rooms = await listRooms(server, signal);
  signal.throwIfAborted();
  const newRoom = Symbol("another room");
  if (rooms.length > 0) {
    const choice = await ask<string | typeof newRoom>(io, signal, (prompts, common) =>
      prompts.select<string | typeof newRoom>({
        ...common,
        message: "Which room?",
        maxItems: 10,
        options: [
          ...rooms.map((room) => ({
            value: room.name,
            label: escapeForTerminal(room.name),
            hint: room.participants === 1 ? "1 participant" : `${room.participants} participants`,
          })),
          { value: newRoom, label: "Another one" },
        ],
      }),
    );
    if (choice !== newRoom) return choice as string;
  }
  return ask<string>(io, signal, (prompts, common) =>
    prompts.text({ ...common, message: "Which room?", placeholder: "roomtone", defaultValue: "roomtone" }),
  );
}

/** Lets a person choose an input by name; the first is where Enter goes. */
export async function askForInput(names: readonly string[], io: Io, signal: AbortSignal): Promise<string> {
  return ask<string>(io, signal, (prompts, common) =>
    prompts.select({
      ...common,
      message: "Which microphone?",
      maxItems: 10,
      options: names.map((name) => ({ value: name, label: escapeForTerminal(name) })),
    }),
  );
}

function problem(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : "It is wrong.";
  }
}
