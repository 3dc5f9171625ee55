import type { OutputOptions } from "../output/output.js";

/** The flags that every command takes. */
export interface GlobalOptions extends OutputOptions {
  readonly url?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly tokenEndpoint?: string;
  readonly apiKey?: string;
  readonly apiSecret?: string;
  readonly dev?: boolean;
  readonly room?: string;
  readonly identity?: string;
  readonly name?: string;
  /** Attempts after the first, to join and to come back. */
  readonly retries?: number;
}
