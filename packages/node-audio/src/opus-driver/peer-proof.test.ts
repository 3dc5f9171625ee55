import { afterEach, describe, expect, it } from "vitest";
import { type RTCCertificate, RTCDtlsTransport, RTCPeerConnection } from "werift";
import { demandProof } from "./peer-proof.js";

const HASH_AND_SIGNATURE = { hash: 4, signature: 3 } as const; // ECDSA with SHA-256

/** What is used of werift's transport, and is not in its declarations. */
interface Transport {
  readonly dtls: { readonly cipher: { readonly remoteKeyPair: { publicKey: Buffer } } };
  verifyRemoteCertificateFingerprint(): void;
}

const open: RTCPeerConnection[] = [];
afterEach(() => Promise.all(open.splice(0).map((peer) => peer.close())));

function newPeer(certificate: Pick<RTCCertificate, "certPem" | "privateKey">): RTCPeerConnection {
  const keys = { certPem: certificate.certPem, keyPem: certificate.privateKey, signatureHash: HASH_AND_SIGNATURE };
  const peer = new RTCPeerConnection({ iceServers: [], iceAdditionalHostAddresses: ["127.0.0.1"], dtls: { keys } });
  open.push(peer);
  return peer;
}

/** werift makes one for each process. */
async function newCertificate(): Promise<RTCCertificate> {
  Reflect.deleteProperty(RTCDtlsTransport, "localCertificatePromise");
  Reflect.deleteProperty(RTCDtlsTransport, "localCertificate");
  return RTCDtlsTransport.SetupCertificate();
}

/** How the DTLS of `ours` ends when the two connect, of which `offerer` makes the offer. */
async function outcome(ours: RTCPeerConnection, theirs: RTCPeerConnection, offerer: RTCPeerConnection, prepare = demandProof) {
  const answerer = offerer === ours ? theirs : ours;
  offerer.createDataChannel("data");
  const offer = await offerer.createOffer();
  if (offerer === ours) prepare(ours);
  await offerer.setLocalDescription(offer);
  await answerer.setRemoteDescription(offerer.localDescription as { type: "offer"; sdp: string });
  const answer = await answerer.createAnswer();
  if (answerer === ours) prepare(ours);
  await answerer.setLocalDescription(answer);
  await offerer.setRemoteDescription(answerer.localDescription as { type: "answer"; sdp: string });
  const transport = ours.dtlsTransports[0] as RTCDtlsTransport;
  const state = await new Promise<string>((resolve) => {
    const look = () => (transport.state === "connected" || transport.state === "failed") && resolve(transport.state);
    transport.onStateChange.subscribe(look);
    look();
  });
  return { state, role: transport.role, transport: transport as unknown as Transport };
}

describe.each(["server", "client"])("as the %s of DTLS", (role) => {
  const connect = async (theirKey: "its own" | "another", prepare?: typeof demandProof) => {
    const [certificate, other, own] = [await newCertificate(), await newCertificate(), await newCertificate()];
    const { certPem, privateKey } = certificate;
    const [ours, theirs] = [newPeer(own), newPeer({ certPem, privateKey: theirKey === "another" ? other.privateKey : privateKey })];
    return outcome(ours, theirs, role === "server" ? ours : theirs, prepare);
  };

  it("connects to a peer that shows a certificate and has its key", async () => {
    expect(await connect("its own")).toMatchObject({ state: "connected", role });
  });

  it("fails with a peer that shows the certificate of somebody else, with which werift alone connects", async () => {
    expect(await connect("another", () => {})).toMatchObject({ state: "connected", role });
    expect(await connect("another")).toMatchObject({ state: "failed", role });
  });

  it("takes for the peer's half of the secret what is signed alone, and nothing that is said again after", async () => {
    const { transport } = await connect("its own");
    const { remoteKeyPair } = transport.dtls.cipher;
    expect(() => transport.verifyRemoteCertificateFingerprint()).not.toThrow();
    remoteKeyPair.publicKey = Buffer.from(remoteKeyPair.publicKey.toReversed());
    expect(() => transport.verifyRemoteCertificateFingerprint()).toThrow(/did not prove/);
  });
});
