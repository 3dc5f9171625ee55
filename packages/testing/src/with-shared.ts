import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

/**
 * What the tests of a file or `describe` block share, called `what`: opened before them, closed after them. Returns how to reach it
 * from within a test or a hook.
 */
export function withShared<T>(what: string, open: () => Promise<T>, close: (opened: T) => unknown): () => T {
  let shared: { readonly opened: T } | undefined;
  beforeAll(async () => {
    shared = { opened: await open() };
  });
  afterAll(async () => {
    if (shared) await close(shared.opened);
  });
  return () => {
    if (!shared) throw new Error(`the ${what} is there within tests and hooks only`);
    return shared.opened;
  };
}

/** A folder for the files of the tests of a file or `describe` block. Returns how to reach its path from within a test or a hook. */
export function withFolder(): () => string {
  return withShared(
    "folder",
    () => mkdtemp(join(tmpdir(), "roomtone-test-")),
    (folder) => rm(folder, { recursive: true, force: true }),
  );
}
