// One dialog for everything that is asked: a question, a field or two, what
// went wrong, and the way out. Full screen on a phone.
import { Button, Modal } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useState, type FormEvent, type KeyboardEvent, type ReactNode } from "react";
import { Problem } from "../api/client";

export interface Ask {
  title: ReactNode;
  /** What the button does, as a verb. */
  verb: string;
  onClose: () => void;
  /** Resolves when done; throws what went wrong. */
  onSubmit: () => Promise<unknown>;
  ready?: boolean;
  danger?: boolean;
  size?: number;
  children: ReactNode;
  /** Between the error and the buttons, for what the error offers. */
  onError?: (err: unknown) => void;
  extra?: ReactNode;
  /** A long form: the buttons stay in sight. */
  tall?: boolean;
  /** onSubmit closes the dialog itself, when it is time. */
  keep?: boolean;
  /** It shows something and asks nothing: there is nothing to cancel. */
  shows?: boolean;
}

export function Dialog(a: Ask) {
  const phone = useMediaQuery("(max-width: 720px)", false, { getInitialValueInEffect: false });
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<unknown>();
  async function submit(e: { preventDefault: () => void }) {
    e.preventDefault();
    if (busy || a.ready === false) return;
    setBusy(true);
    setWrong(undefined);
    try {
      await a.onSubmit();
      if (!a.keep) a.onClose();
    } catch (err) {
      setWrong(err);
      a.onError?.(err);
    } finally {
      setBusy(false);
    }
  }
  // On the whole dialog: one that asks for nothing has its focus outside the form.
  const quick = (e: KeyboardEvent) => {
    if (e.key === "Enter" && (e.metaKey || e.ctrlKey)) void submit(e);
  };
  return (
    <Modal opened onClose={a.onClose} title={a.title} fullScreen={phone} size={a.size ?? 560} onKeyDown={quick}>
      <form onSubmit={(e: FormEvent) => void submit(e)} className={a.tall ? "dialog tall" : "dialog"}>
        {a.children}
        {wrong !== undefined && (
          <div role="alert" className="wrong">
            <b>{wrong instanceof Error ? wrong.message : "That did not work."}</b>
            {wrong instanceof Problem && wrong.errors.length > 0 && <ul>{wrong.errors.map((e) => <li key={(e.location ?? "") + e.message}>{e.location?.startsWith("body.") ? `${e.location.slice("body.".length)}: ` : ""}{e.message}</li>)}</ul>}
          </div>
        )}
        <div className="dialogacts">
          <span className="faint small desk grow"><kbd>Ctrl</kbd> <kbd>Enter</kbd></span>
          {a.extra}
          {!a.shows && <Button onClick={a.onClose}>Cancel</Button>}
          <Button type="submit" variant={a.danger ? "danger" : "filled"} loading={busy} disabled={a.ready === false}>{a.verb}</Button>
        </div>
      </form>
    </Modal>
  );
}
