import { useId, useState } from "react";
import { readServerUrl, writePageLink } from "../state/page-link.js";
import { TextField } from "./text-field.js";

export interface AccessState {
  readonly kind: "endpoint" | "token";
  readonly serverUrl: string;
  readonly token: string;
}

interface AccessFieldsProps {
  readonly roomName: string;
  readonly access: AccessState;
  readonly error: string | undefined;
  readonly onChange: (access: AccessState) => void;
}

/** Where to get in: this page's server, which gives tokens; or any LiveKit server, with a token from elsewhere. */
export function AccessFields({ roomName, access, error, onChange }: AccessFieldsProps) {
  const id = useId();
  if (access.kind === "endpoint") return <OtherServer roomName={roomName} />;
  return (
    <>
      <div className="server-fact">
        <span className="label">Server</span>
        <span className="server-address">{access.serverUrl}</span>
        <a href={writePageLink(document.baseURI, { roomName, serverUrl: "", listen: false })}>Use this page's own</a>
      </div>
      <div className="field">
        <label htmlFor={id}>Token</label>
        <textarea
          id={id}
          className="secret"
          rows={3}
          value={access.token}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-below`}
          onChange={(event) => onChange({ ...access, token: event.target.value.trim() })}
        />
        <p id={`${id}-below`} className={error ? "field-error" : "field-hint"} role={error ? "alert" : undefined}>
          {error ?? "It says which room. It stays in this page's memory, and is gone when the page is."}
        </p>
      </div>
    </>
  );
}

/** The page may speak to the server in its address alone, so another one is another address of the page. */
function OtherServer({ roomName }: { readonly roomName: string }) {
  const [address, setAddress] = useState("");
  const [error, setError] = useState<string>();
  const go = () => {
    const serverUrl = readServerUrl(address);
    if (serverUrl) location.assign(writePageLink(document.baseURI, { roomName, serverUrl, listen: false }));
    else setError("A LiveKit server's address begins with wss://, or with ws:// on this machine.");
  };
  return (
    <details className="other-server">
      <summary>I have a token for another LiveKit server</summary>
      <div className="other-server-fields">
        <TextField label="LiveKit URL" value={address} onChange={setAddress} placeholder="wss://" error={error} onEnter={go} />
        <button type="button" className="button" onClick={go}>
          Use this server
        </button>
      </div>
    </details>
  );
}
