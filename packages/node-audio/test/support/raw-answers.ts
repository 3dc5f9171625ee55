import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** A server that answers every request with the same bytes, whatever they are, and hangs up. */
export interface RawAnswers {
  readonly url: string;
  answer: Uint8Array;
  close(): Promise<void>;
}

export async function openRawAnswers(): Promise<RawAnswers> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answers.answer));
    socket.resume();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const answers: RawAnswers = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: new Uint8Array(),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return answers;
}
