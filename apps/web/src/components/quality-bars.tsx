import type { ConnectionQuality } from "@roomtone/core";
import { connectionWords } from "../state/health.js";

const filled: Readonly<Record<ConnectionQuality, number>> = { excellent: 3, good: 2, poor: 1, lost: 0, unknown: 0 };

export function QualityBars({ quality }: { readonly quality: ConnectionQuality }) {
  const words = `Connection ${connectionWords[quality].toLowerCase()}`;
  return (
    <svg className="quality" data-quality={quality} viewBox="0 0 16 12" width="16" height="12" role="img" aria-label={words}>
      <title>{words}</title>
      {[0, 1, 2].map((bar) => (
        <rect
          key={bar}
          x={bar * 6}
          y={8 - bar * 4}
          width="4"
          height={4 + bar * 4}
          rx="1"
          data-filled={bar < filled[quality] || undefined}
        />
      ))}
    </svg>
  );
}
