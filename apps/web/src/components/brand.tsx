/** The name, beside the line that a quiet room draws. */
export function Brand() {
  return (
    <p className="brand">
      <svg viewBox="0 0 28 20" width="28" height="20" aria-hidden="true" focusable="false">
        <path
          d="M1 10h3l1.6-3 2.2 8 2.6-13 2.8 16 2.6-12 2 6 1.4-2H27"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.8"
          strokeLinejoin="round"
          strokeLinecap="round"
        />
      </svg>
      Roomtone
    </p>
  );
}
