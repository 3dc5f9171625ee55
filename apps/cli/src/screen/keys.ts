import type { Io } from "../io.js";

const CTRL_C = "\x03";
const CTRL_Z = "\x1a";
const CTRL_BACKSLASH = "\x1c";

/**
 * Reads single keys from the terminal until the returned function is called, which gives the terminal back as it was.
 * Raw mode takes Ctrl-C, Ctrl-Z and Ctrl-\ from the terminal, so they are sent to the job from here, as the terminal would.
 */
export function readKeys(io: Io, onKey: (key: string) => void): () => void {
  const { stdin } = io;
  const onData = (chunk: Buffer | string) => {
    const text = chunk.toString();
    // An arrow, a function key or a paste: none of it is a single key that somebody meant for us.
    if (text.startsWith("\x1b")) return;
    for (const key of text) {
      if (key === CTRL_C) io.signalJob("SIGINT");
      else if (key === CTRL_Z) io.signalJob("SIGTSTP");
      else if (key === CTRL_BACKSLASH) io.signalJob("SIGQUIT");
      else onKey(key);
    }
  };
  const onError = () => {}; // the terminal went away: SIGHUP says so
  stdin.setRawMode?.(true);
  stdin.on("data", onData);
  stdin.on("error", onError);
  stdin.resume();
  let reading = true;
  return () => {
    if (!reading) return;
    reading = false;
    stdin.off("data", onData);
    stdin.pause();
    try {
      stdin.setRawMode?.(false);
    } catch {
      // the terminal is gone, and with it its mode
    }
    stdin.off("error", onError);
  };
}
