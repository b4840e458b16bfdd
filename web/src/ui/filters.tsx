// Filters whose state is the address: a search box and helpers to set parameters.
import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";

export type Set = (change: Record<string, string | undefined>) => void;

/** Changes search parameters of the present screen, without a new history entry. */
export function useFilters(): Set {
  const navigate = useNavigate();
  return useCallback((change) => void navigate({ to: ".", search: ((old: Record<string, unknown>) => ({ ...old, ...change })) as never, replace: true }), [navigate]);
}

export function Find({ value, onChange, label }: { value: string | undefined; onChange: (text: string | undefined) => void; label: string }) {
  const [text, setText] = useState(value ?? "");
  useEffect(() => setText(value ?? ""), [value]);
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={15} aria-hidden />}
      value={text}
      onChange={(e) => {
        const next = e.currentTarget.value;
        setText(next);
        onChange(next || undefined);
      }}
      className="find"
    />
  );
}

/** Whether all words occur in the text. */
export function has(text: string, find: string | undefined): boolean {
  const low = text.toLowerCase();
  return (find ?? "").toLowerCase().split(/\s+/).every((w) => low.includes(w));
}

/** Whether every word that was typed begins a word of the text: "cto" is no "director". */
export function begins(text: string, typed: string): boolean {
  const parts = (t: string) => t.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const words = parts(text);
  return parts(typed).every((w) => words.some((x) => x.startsWith(w)));
}
