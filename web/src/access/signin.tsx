// The sign-in: one address, one password, and what went wrong in a sentence.
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState, type FormEvent } from "react";
import { Unreachable } from "../api/client";
import { session } from "../api/endpoints";
import { q } from "../api/queries";
import css from "./signin.module.css";

/** Only a path of our own is followed after the sign-in. */
export function safeNext(next: string | undefined): string {
  return next && next.startsWith("/") && !next.startsWith("//") && !next.includes("\\") ? next : "/";
}

export function SignIn() {
  const { next } = useSearch({ from: "/sign-in" });
  const navigate = useNavigate();
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = "Sign in · Allclear";
  }, []);

  async function submit(e: FormEvent) {
    e.preventDefault();
    if (!email.trim() || !password) {
      setWrong("Enter your e-mail address and your password.");
      return;
    }
    setBusy(true);
    setWrong("");
    try {
      client.setQueryData(q.session().queryKey, await session.open(email.trim(), password));
      await navigate({ href: safeNext(next), replace: true });
    } catch (err) {
      setWrong(err instanceof Unreachable ? "The server did not answer. Check your connection and try again." : err instanceof Error ? err.message : "That did not work.");
      setBusy(false);
    }
  }

  return (
    <main className={css.page}>
      <form onSubmit={(e) => void submit(e)} className={css.form} noValidate>
        <p className={css.brand}><img src="/icon.svg" alt="" width={28} height={28} /> Allclear</p>
        <h1>Sign in</h1>
        {next && <p className="muted">Your session has ended. You come back to where you were.</p>}
        {wrong && <p role="alert" className={css.wrong}>{wrong}</p>}
        <TextInput label="E-mail" type="email" name="email" autoComplete="username" inputMode="email" required withAsterisk={false} autoFocus value={email} onChange={(e) => setEmail(e.currentTarget.value)} />
        <PasswordInput label="Password" name="password" autoComplete="current-password" required withAsterisk={false} value={password} onChange={(e) => setPassword(e.currentTarget.value)} visibilityToggleButtonProps={{ "aria-label": "Show the password" }} />
        <Button type="submit" variant="filled" fullWidth loading={busy}>Sign in</Button>
      </form>
    </main>
  );
}
