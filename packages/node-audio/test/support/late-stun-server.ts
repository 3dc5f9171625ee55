import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";

const MAGIC_COOKIE = 0x2112a442;

/** A STUN server (or, to whoever asks for a relay, a TURN server) that says nothing until it is told to. */
export interface LateStunServer {
  readonly port: number;
  /** How often it was asked. */
  readonly asked: number;
  /** Tells everybody who asked by which address they are seen, and from now on at once. */
  answer(): void;
  close(): Promise<void>;
}

export async function openLateStunServer(): Promise<LateStunServer> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const requests: { readonly request: Buffer; readonly from: RemoteInfo }[] = [];
  let answers = false;
  const tell = ({ request, from }: (typeof requests)[number]) => socket.send(bindingResponse(request, from), from.port, from.address);
  socket.on("message", (request, from) => {
    requests.push({ request, from });
    if (answers) tell({ request, from });
  });
  return {
    port: socket.address().port,
    get asked() {
      return requests.length;
    },
    answer: () => {
      answers = true;
      for (const request of requests) tell(request);
    },
    close: async () => {
      socket.close();
      await once(socket, "close");
    },
  };
}

/** RFC 8489: a success response with XOR-MAPPED-ADDRESS alone. */
function bindingResponse(request: Buffer, from: RemoteInfo): Buffer {
  const response = Buffer.alloc(32);
  response.writeUInt16BE(0x0101, 0);
  response.writeUInt16BE(12, 2);
  request.copy(response, 4, 4, 20);
  response.writeUInt16BE(0x0020, 20);
  response.writeUInt16BE(8, 22);
  response.writeUInt16BE(0x0001, 24);
  response.writeUInt16BE(from.port ^ (MAGIC_COOKIE >>> 16), 26);
  const address = from.address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  response.writeUInt32BE((address ^ MAGIC_COOKIE) >>> 0, 28);
  return response;
}
