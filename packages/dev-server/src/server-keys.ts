import { randomBytes } from "node:crypto";
import { tellMinted } from "./minted.js";

/** A key and secret that a LiveKit server accepts. */
export interface ServerKeys {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Every secret that we make begins so: a search of any output for leaked secrets needs to know nothing else. */
export const SECRET_PREFIX = "rtsecret_";

/** A fresh pair: 256 random bits of secret. */
export function createServerKeys(): ServerKeys {
  return { apiKey: `rtkey${randomBytes(6).toString("hex")}`, apiSecret: tellMinted(SECRET_PREFIX + randomBytes(32).toString("base64url")) };
}

/** `text` without JSON Web Tokens and without our secrets: for logs of the server that go into a message. */
export function withoutSecrets(text: string, keys?: ServerKeys): string {
  const shapes = text
    .replaceAll(/eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, "[token]")
    .replaceAll(new RegExp(`${SECRET_PREFIX}[\\w-]+`, "g"), "[secret]");
  return keys ? shapes.replaceAll(keys.apiSecret, "[secret]") : shapes;
}
