// What somebody has typed survives a reload and a closed dialog, until it is sent.
import { useCallback, useState } from "react";

const name = (key: string) => `allclear.draft.${key}`;

function kept(key: string): string | null {
  try {
    return sessionStorage.getItem(name(key));
  } catch {
    return null; // storage forbidden: the text lives in the page only
  }
}

/** A text field's value, kept under key; clear() after it has been sent. */
export function useDraft(key: string, initial = ""): [string, (text: string) => void, () => void] {
  const [text, setText] = useState(() => kept(key) ?? initial);
  const set = useCallback(
    (next: string) => {
      setText(next);
      try {
        if (next === initial) sessionStorage.removeItem(name(key));
        else sessionStorage.setItem(name(key), next);
      } catch {
        // As above.
      }
    },
    [key, initial],
  );
  const clear = useCallback(() => {
    setText("");
    try {
      sessionStorage.removeItem(name(key));
    } catch {
      // As above.
    }
  }, [key]);
  return [text, set, clear];
}

/** As useDraft, for anything that is JSON; undefined: nothing is kept. */
export function useKept<T>(key: string): [T | undefined, (next: T | undefined) => void] {
  const [value, setValue] = useState<T | undefined>(() => {
    try {
      const old = kept(key);
      return old === null ? undefined : (JSON.parse(old) as T);
    } catch {
      return undefined; // something else wrote there
    }
  });
  const set = useCallback(
    (next: T | undefined) => {
      setValue(next);
      try {
        if (next === undefined) sessionStorage.removeItem(name(key));
        else sessionStorage.setItem(name(key), JSON.stringify(next));
      } catch {
        // As above.
      }
    },
    [key],
  );
  return [value, set];
}
