import { channel } from "node:diagnostics_channel";

const minted = channel("roomtone:minted");

/**
 * Every token and secret that this package makes passes here. Whoever listens on the channel `roomtone:minted` of this process gets it: a
 * run of tests does, and searches its whole output for each.
 */
export function tellMinted(secret: string): string {
  if (minted.hasSubscribers) minted.publish(secret);
  return secret;
}
