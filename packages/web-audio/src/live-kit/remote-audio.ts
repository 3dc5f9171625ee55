import { type RemoteMediaTrack, RoomtoneError } from "@roomtone/core";

/** The elements of one connection that play its remote tracks. */
export class RemotePlayback {
  readonly #onBlocked: (resume: () => Promise<void>) => void;
  readonly #blocked = new Set<HTMLMediaElement>();

  /** `onBlocked` is called once for all elements that the browser does not let play, until `resume` has worked. */
  constructor(onBlocked: (resume: () => Promise<void>) => void) {
    this.#onBlocked = onBlocked;
  }

  audioOf(track: MediaStreamTrack): RemoteMediaTrack {
    return { kind: "media-track", track, attach: (element) => this.#attach(track, element as HTMLMediaElement) };
  }

  #attach(track: MediaStreamTrack, element: HTMLMediaElement): () => void {
    const stream = new MediaStream([track]);
    element.autoplay = true;
    element.srcObject = stream;
    void this.#play(element, stream);
    return () => {
      this.#blocked.delete(element);
      if (element.srcObject === stream) element.srcObject = null;
    };
  }

  async #play(element: HTMLMediaElement, stream: MediaStream): Promise<void> {
    try {
      await element.play();
      this.#blocked.delete(element);
    } catch (error) {
      // The other failures are of no consequence: the element was given something else to play meanwhile.
      if (!isBlocked(error) || element.srcObject !== stream) return;
      this.#blocked.add(element);
      if (this.#blocked.size === 1) this.#onBlocked(() => this.#resume());
    }
  }

  async #resume(): Promise<void> {
    const plays = [...this.#blocked].map(async (element) => {
      await element.play();
      this.#blocked.delete(element);
    });
    const failed = (await Promise.allSettled(plays)).some((result) => result.status === "rejected" && isBlocked(result.reason));
    if (failed)
      throw new RoomtoneError("permission-denied", "The browser plays sound only after a click: call resume from a click or key press.");
  }
}

function isBlocked(error: unknown): boolean {
  return error instanceof DOMException && error.name === "NotAllowedError";
}
