import { encode } from "uqr";

/** A code of the largest size holds 2331 bytes so. */
const MAX_CHARS = 2_300;

/** Dark on light in both themes: many readers take no other. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  if (text.length > MAX_CHARS) return <p className="quiet">The link is too long for a QR code. Copy it.</p>;
  const { size, data } = encode(text, { ecc: "M", border: 2 });
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#111" />
    </svg>
  );
}
