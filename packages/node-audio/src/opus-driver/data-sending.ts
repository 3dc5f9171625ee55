import { RoomtoneError } from "@roomtone/core";
import type { RTCDataChannel } from "werift";
import { bounded } from "./bounded.js";

/** Past this, senders wait: what is queued in memory has a bound. */
const MOST_BUFFERED_BYTES = 256 * 1024;

/** Sends a message when the channel is open and has room. @throws RoomtoneError `server-unreachable`; what `encode` throws */
export async function sendOverChannel(channel: RTCDataChannel, encode: () => Buffer): Promise<void> {
  const message = encode();
  if (channel.readyState !== "open") await bounded(opened(channel), { what: "the data channel" });
  while (channel.bufferedAmount > MOST_BUFFERED_BYTES) {
    channel.bufferedAmountLowThreshold = MOST_BUFFERED_BYTES / 2;
    const drained = new Promise<void>((resolve) => {
      channel.bufferedAmountLow.once(() => resolve());
    });
    await bounded(drained, { what: "the data channel to take more" });
  }
  try {
    channel.send(message);
  } catch (error) {
    throw new RoomtoneError("server-unreachable", "The data channel is closed.", { retryable: true }, { cause: error });
  }
}

function opened(channel: RTCDataChannel): Promise<void> {
  return new Promise((resolve, reject) => {
    const { unSubscribe } = channel.stateChanged.subscribe((state) => {
      if (state === "connecting") return;
      unSubscribe();
      if (state === "open") resolve();
      else reject(new RoomtoneError("server-unreachable", "The data channel is closed.", { retryable: true }));
    });
  });
}
