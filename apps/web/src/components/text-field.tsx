import { useId } from "react";

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly placeholder?: string;
  readonly maxLength?: number;
  readonly autoComplete?: string;
}

export function TextField({ label, value, onChange, hint, error, placeholder, maxLength, autoComplete = "off" }: TextFieldProps) {
  const id = useId();
  const below = error ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="text"
        value={value}
        placeholder={placeholder}
        maxLength={maxLength}
        autoComplete={autoComplete}
        autoCapitalize="off"
        spellCheck={false}
        aria-invalid={error !== undefined}
        aria-describedby={below ? `${id}-below` : undefined}
        onChange={(event) => onChange(event.target.value)}
      />
      {below && (
        <p id={`${id}-below`} className={error ? "field-error" : "field-hint"}>
          {below}
        </p>
      )}
    </div>
  );
}
