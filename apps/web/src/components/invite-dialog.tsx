import { Dialog } from "@base-ui/react/dialog";
import { UserPlus, X } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { isThisMachineOnly, writePageLink } from "../state/page-link.js";
import { CopyButton } from "./copy-button.js";
import { SwitchRow } from "./switch-row.js";

const QrCode = lazy(async () => ({ default: (await import("./qr-code.js")).QrCode }));

interface InviteDialogProps {
  readonly roomName: string;
  /** Where it is not the page's own. */
  readonly serverUrl: string;
}

/** The link that brings others here, to read, to copy and to scan. */
export function InviteDialog({ roomName, serverUrl }: InviteDialogProps) {
  const [listen, setListen] = useState(false);
  const link = writePageLink(document.baseURI, { roomName, serverUrl, listen });
  return (
    <Dialog.Root>
      <Dialog.Trigger className="button">
        <UserPlus size={17} aria-hidden="true" />
        <span className="wide-label">Invite</span>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog">
          <div className="dialog-head">
            <Dialog.Title className="dialog-title">Invite</Dialog.Title>
            <Dialog.Close className="icon-button" aria-label="Close">
              <X size={18} aria-hidden="true" />
            </Dialog.Close>
          </div>
          <Dialog.Description className="quiet">
            {serverUrl
              ? "The link holds the room and its server. Who uses it needs a token of their own."
              : "The link holds the room's name, and no token."}
          </Dialog.Description>
          <Suspense fallback={<div className="qr" />}>
            <QrCode text={link} label="The invitation as a QR code" />
          </Suspense>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long one scrolls, and is reached by keyboard too */}
          <p className="invite-link" tabIndex={0}>
            {link}
          </p>
          {!serverUrl && <SwitchRow label="To listen only, at once" checked={listen} onChange={setListen} />}
          {isThisMachineOnly(location.hostname) && (
            <p className="quiet">This page is served to this machine alone, so the link works in this machine's browsers.</p>
          )}
          <CopyButton label="Copy link" text={() => link} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
