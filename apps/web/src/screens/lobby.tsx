import { Headphones, Mic } from "lucide-react";
import { type FormEvent, useState } from "react";
import { AccessFields, type AccessState } from "../components/access-fields.js";
import { Brand } from "../components/brand.js";
import { MicrophoneCheck } from "../components/microphone-check.js";
import { Remembered } from "../components/remembered.js";
import { SwitchRow } from "../components/switch-row.js";
import { TextField } from "../components/text-field.js";
import { ThemeSwitch } from "../components/theme-switch.js";
import { useStudio } from "../hooks/use-studio.js";
import { MAX_NAME_CHARS, tidyName } from "../state/names.js";
import { checkAccess } from "../state/token-check.js";

/** Who, where, and with which microphone. */
export function Lobby() {
  const studio = useStudio();
  const { link, memory } = studio;
  const [name, setName] = useState(memory.get().name);
  const [roomName, setRoomName] = useState(link.roomName || memory.get().roomName);
  const [muted, setMuted] = useState(false);
  const [access, setAccess] = useState<AccessState>({ kind: link.serverUrl ? "token" : "endpoint", serverUrl: link.serverUrl, token: "" });
  const [error, setError] = useState<string>();

  const join = (speak: boolean) => {
    const problem = access.kind === "token" ? checkAccess(access.token, Date.now()) : undefined;
    setError(problem);
    if (problem) return;
    const named = { name: tidyName(name), roomName: tidyName(roomName) };
    memory.change(named);
    void studio.join({ access: access.kind === "token" ? access : { kind: "endpoint" }, ...named, speak, muted });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    join(true);
  };
  const forget = () => {
    setName("");
    setRoomName(link.roomName);
  };
  return (
    <div className="lobby">
      <title>{roomName ? `${roomName} · Roomtone` : "Roomtone"}</title>
      <header className="bar">
        <Brand />
        <ThemeSwitch />
      </header>
      <main className="lobby-main">
        <div className="lobby-intro">
          <h1 tabIndex={-1} title={link.roomName || undefined}>
            {link.roomName ? (
              <>
                Come into <bdi>{link.roomName}</bdi>
              </>
            ) : (
              "Quiet, please. Rolling soon."
            )}
          </h1>
          <p>Check your microphone, then walk in. Or only listen: that takes one click and no microphone.</p>
        </div>
        <form className="card lobby-form" onSubmit={submit}>
          <TextField
            label="Your name"
            value={name}
            onChange={setName}
            maxLength={MAX_NAME_CHARS}
            placeholder="Guest"
            autoComplete="nickname"
          />
          {access.kind === "endpoint" && (
            <TextField label="Room" value={roomName} onChange={setRoomName} maxLength={MAX_NAME_CHARS} placeholder="roomtone" />
          )}
          <AccessFields roomName={roomName} access={access} error={error} onChange={setAccess} />
          <SwitchRow label="Come in muted" checked={muted} onChange={setMuted} />
          <div className="lobby-actions">
            <button type="submit" className="button primary">
              <Mic size={18} aria-hidden="true" />
              Join with microphone
            </button>
            <button type="button" className="button" onClick={() => join(false)}>
              <Headphones size={18} aria-hidden="true" />
              Listen only
            </button>
          </div>
          <Remembered onForget={forget} />
        </form>
        <section className="card lobby-check" aria-labelledby="check-heading">
          <h2 id="check-heading">Microphone check</h2>
          <MicrophoneCheck />
        </section>
      </main>
    </div>
  );
}
