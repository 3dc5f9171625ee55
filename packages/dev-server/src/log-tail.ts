import { open } from "node:fs/promises";
import { type ServerKeys, withoutSecrets } from "./server-keys.js";

const TAIL_BYTES = 4_096;

/** The last lines of a log, without secrets; empty where there is none. */
export async function readLogTail(path: string, lines: number, keys: ServerKeys): Promise<string> {
  let file: Awaited<ReturnType<typeof open>> | undefined;
  try {
    file = await open(path, "r");
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await file.read(buffer, 0, buffer.length, size - buffer.length);
    const text = buffer.toString("utf8").trimEnd().split("\n").slice(-lines).join("\n");
    return withoutSecrets(text, keys);
  } catch {
    return "";
  } finally {
    await file?.close();
  }
}
