// A text to paste elsewhere, with a button that copies it.
import { Button, CopyButton } from "@mantine/core";
import css from "./ways.module.css";

export function Copied({ text, label }: { text: string; label: string }) {
  return (
    <div className={css.copy}>
      <code>{text}</code>
      <CopyButton value={text}>{({ copied, copy }) => <Button size="xs" onClick={copy} aria-label={`Copy ${label}`}>{copied ? "Copied" : "Copy"}</Button>}</CopyButton>
    </div>
  );
}
