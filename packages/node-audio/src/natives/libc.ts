/** The C library of this process, where it is known before any native code is loaded: on Linux only. */
export type Libc = "glibc" | "musl";

/** Reads it from Node's own report, which costs no process and no file. */
export function currentLibc(): Libc | undefined {
  if (process.platform !== "linux") return undefined;
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report; // newer than the types
  const excluded = report.excludeNetwork ?? false;
  report.excludeNetwork = true; // else it asks the name service about every open socket
  try {
    const { header } = report.getReport() as { header?: { glibcVersionRuntime?: string } };
    return header?.glibcVersionRuntime ? "glibc" : "musl";
  } finally {
    report.excludeNetwork = excluded;
  }
}
