import { type KeyObject, verify, X509Certificate } from "node:crypto";
import type { RTCDtlsTransport, RTCPeerConnection } from "werift";
import { unseen } from "./unseen.js";

/** RFC 5246, 7.4: the messages of a handshake that are read here. */
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const SERVER_KEY_EXCHANGE = 12;
const CERTIFICATE_VERIFY = 15;
const CLIENT_KEY_EXCHANGE = 16;

/** RFC 5246, 7.4.1.4.1: what werift offers, and what is as good. */
const hashes: Readonly<Record<number, string>> = { 4: "sha256", 5: "sha384", 6: "sha512" };
const keyTypes: Readonly<Record<number, string>> = { 1: "rsa", 3: "ec" };

/** A message of the handshake, as it was said first. */
interface Handshake {
  readonly msg_type: number;
  readonly fragment: Buffer;
  serialize(): Buffer;
}

/** What is used of werift's DTLS. */
interface DtlsSocket {
  readonly remoteCertificate?: Uint8Array;
  readonly dtls: { readonly sortedHandshakeCache: readonly Handshake[] };
  readonly cipher: { readonly remoteKeyPair?: { readonly publicKey?: Uint8Array } };
}

/** Signed by the peer, with the key of the certificate that it showed. */
interface Proof {
  readonly signed: Buffer;
  /** Algorithms, length and signature. */
  readonly signature: Buffer;
  /** The peer's half of the secret of this connection. */
  readonly publicKey: Buffer;
}

const demanded = new WeakSet<RTCDtlsTransport>();

/**
 * werift believes whoever shows the server's certificate, which everybody on the way may read and show again. Here the peer has to have signed
 * this handshake with that certificate's key, too; else the transport fails before anything is sent. To be called before candidates are gathered.
 */
export function demandProof(peer: RTCPeerConnection): void {
  for (const transport of unseen(demanded, peer.dtlsTransports)) {
    const checked = transport as unknown as { verifyRemoteCertificateFingerprint(): void };
    const checkFingerprint = checked.verifyRemoteCertificateFingerprint.bind(transport);
    checked.verifyRemoteCertificateFingerprint = () => {
      checkFingerprint();
      if (!isProved(transport)) throw new Error("the peer did not prove that the certificate is its own");
    };
  }
}

function isProved({ dtls, role }: RTCDtlsTransport): boolean {
  const socket = dtls as unknown as DtlsSocket;
  const messages = socket.dtls.sortedHandshakeCache;
  const { signed, signature, publicKey } = role === "server" ? proofOfClient(messages) : proofOfServer(messages);
  // What was said again later is in no signature, and werift takes it.
  if (!publicKey.equals(socket.cipher.remoteKeyPair?.publicKey ?? Buffer.alloc(0))) return false;
  return isSignedBy(new X509Certificate(socket.remoteCertificate ?? Buffer.alloc(0)).publicKey, signed, signature);
}

/** RFC 5246, 7.4.8: the client signs all that was said before. */
function proofOfClient(messages: readonly Handshake[]): Proof {
  const end = messages.findIndex(({ msg_type }) => msg_type === CERTIFICATE_VERIFY);
  const before = messages.slice(0, Math.max(0, end));
  return {
    signed: Buffer.concat(before.map((message) => message.serialize())),
    signature: body(messages, CERTIFICATE_VERIFY),
    publicKey: lengthPrefixed(body(messages, CLIENT_KEY_EXCHANGE)),
  };
}

/** RFC 8422, 5.4: the server signs its half of the secret, and what both have made up for this connection. */
function proofOfServer(messages: readonly Handshake[]): Proof {
  const exchange = body(messages, SERVER_KEY_EXCHANGE);
  const publicKey = lengthPrefixed(exchange.subarray(3));
  const endOfKey = 4 + publicKey.length;
  const randoms = [CLIENT_HELLO, SERVER_HELLO].map((type) => body(messages, type).subarray(2, 34));
  return {
    signed: Buffer.concat([...randoms, exchange.subarray(0, endOfKey)]),
    signature: exchange.subarray(endOfKey),
    publicKey,
  };
}

function isSignedBy(key: KeyObject, signed: Buffer, signature: Buffer): boolean {
  const hash = hashes[signature[0] ?? 0];
  if (hash === undefined || key.asymmetricKeyType !== keyTypes[signature[1] ?? 0]) return false;
  return verify(hash, signed, key, signature.subarray(4));
}

function body(messages: readonly Handshake[], type: number): Buffer {
  const message = messages.find(({ msg_type }) => msg_type === type);
  if (!message) throw new Error(`the peer left message ${type} out of its handshake`);
  return message.fragment;
}

function lengthPrefixed(bytes: Buffer): Buffer {
  return bytes.subarray(1, 1 + (bytes[0] ?? 0));
}
