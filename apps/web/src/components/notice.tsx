import { Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

interface NoticeProps {
  readonly tone: "info" | "warning" | "trouble";
  readonly title?: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

/** A calm sentence about something that happened, with what to do. Trouble interrupts a screen reader; the rest is told by the place it is in. */
export function Notice({ tone, title, children, action }: NoticeProps) {
  const Icon = tone === "info" ? Info : TriangleAlert;
  return (
    <div className="notice" data-tone={tone} role={tone === "trouble" ? "alert" : undefined}>
      <Icon size={18} aria-hidden="true" />
      <div className="notice-text">
        {title && <p className="notice-title">{title}</p>}
        <p>{children}</p>
      </div>
      {action}
    </div>
  );
}
