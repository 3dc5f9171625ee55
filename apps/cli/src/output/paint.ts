import { styleText } from "node:util";
import type { Io, OutputStream } from "../io.js";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Wraps `text` in a style, or returns it as it is where colour is off. */
export type Paint = (style: Style, text: string) => string;

/** Whether `stream` gets colour: FORCE_COLOR, then NO_COLOR, then TERM=dumb, then whether it is a terminal. */
export function wantsColour(stream: OutputStream, env: Io["env"]): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  if (env["NO_COLOR"]) return false;
  if (env["TERM"] === "dumb") return false;
  return stream.isTTY === true;
}

export function createPaint(colour: boolean): Paint {
  return colour ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text;
}
