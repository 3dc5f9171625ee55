import { Switch } from "@base-ui/react/switch";
import { useId } from "react";

interface SwitchRowProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function SwitchRow({ label, checked, onChange }: SwitchRowProps) {
  const id = useId();
  return (
    <div className="switch-row">
      <label id={`${id}-label`} htmlFor={id}>
        {label}
      </label>
      <Switch.Root id={id} className="switch" checked={checked} onCheckedChange={onChange} aria-labelledby={`${id}-label`}>
        <Switch.Thumb className="switch-thumb" />
      </Switch.Root>
    </div>
  );
}
