/**
 * Runs `decode` without what the WebAssembly decoders print: they report each damaged packet through `console.error`,
 * which is not theirs to write to in a program whose stderr shows a status line. `decode` is synchronous to its end, so
 * nobody else's output is swallowed.
 */
export function quietly<T>(decode: () => T): T {
  const output = globalThis.console;
  const print = output.error;
  output.error = () => {};
  try {
    return decode();
  } finally {
    output.error = print;
  }
}
