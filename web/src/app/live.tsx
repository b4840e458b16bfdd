// The live connection of the whole console, and the thin bar that says honestly
// how fresh the screen is.
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { refresh } from "../api/queries";
import { Stream, type StreamState } from "../api/stream";
import type { Change } from "../api/types";
import { span } from "../ui/time";
import css from "./live.module.css";
import { useNow } from "./moment";
import { flush, waiting } from "./queue";
import { useStore } from "./store";
import { newer, update } from "./worker";

interface Live extends StreamState {
  retry: () => void;
}

const Context = createContext<Live>({ up: true, heard: 0, retryAt: 0, retry: () => undefined });
const gather = 200; // ms: after the first change, which shows at once, a storm becomes one refresh
const poll = 10_000; // ms between refreshes while the stream is down

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<StreamState>({ up: false, heard: Date.now(), retryAt: 0 });
  const stream = useRef<Stream>(undefined);

  useEffect(() => {
    let batch: Change[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wasUp = false;
    const show = () => {
      timer = undefined;
      if (batch.length === 0) return;
      refresh(client, batch);
      batch = [];
      timer = setTimeout(show, gather);
    };
    const send = () => void flush((w, refused) => {
      void client.invalidateQueries();
      if (refused) notifications.show({ color: "red", title: `INC-${w.incident} was not ${w.what}d`, message: refused.message });
      else notifications.show({ title: `INC-${w.incident} is ${w.what}d`, message: "The network is back; your answer has been sent." });
    });
    const s = new Stream(
      (changes) => {
        batch.push(...changes);
        if (timer === undefined) show();
      },
      (next) => {
        if (next.up && !wasUp) {
          void client.invalidateQueries({ refetchType: "active" }); // whatever happened while nobody listened
          send();
        }
        wasUp = next.up;
        setState(next);
      },
    );
    stream.current = s;
    s.start();
    const online = () => {
      s.retry();
      send();
    };
    window.addEventListener("online", online);
    const slow = setInterval(() => {
      if (waiting.get().length > 0) send();
      if (!wasUp) void client.invalidateQueries({ refetchType: "active" });
    }, poll);
    return () => {
      s.stop();
      clearTimeout(timer);
      clearInterval(slow);
      window.removeEventListener("online", online);
    };
  }, [client]);

  const value = useMemo(() => ({ ...state, retry: () => stream.current?.retry() }), [state]);
  return <Context value={value}>{children}</Context>;
}

/** When the data on screen was last known to be current. */
function useFresh(live: Live): number {
  const client = useQueryClient();
  if (live.up) return Date.now();
  const read = client.getQueryCache().getAll().filter((x) => x.isActive()).map((x) => x.state.dataUpdatedAt).filter((t) => t > 0);
  return read.length > 0 ? Math.max(Math.min(...read), live.heard) : live.heard;
}

export function LiveBar() {
  const live = useContext(Context);
  const now = useNow();
  const fresh = useFresh(live);
  const held = useStore(waiting);
  const fresher = useStore(newer);
  const age = Date.now() - fresh;
  const down = !live.up && age > 4_000; // a reconnect of a moment is not news
  return (
    <>
      <div className={down ? css.down : css.live} role="status">
        <i aria-hidden />
        {down ? (
          <>
            <span className="grow">
              <b>Live updates have stopped.</b> <span aria-hidden>This screen is {span(age)} old.
              {live.retryAt > now && ` Next try in ${span(Math.max(1000, live.retryAt - Date.now()))}.`}</span>
            </span>
            <Button size="xs" onClick={live.retry}>Try now</Button>
          </>
        ) : (
          <span>Live<span className={css.words}> · this screen is up to date</span></span>
        )}
      </div>
      {fresher && (
        <div className={css.down} role="status">
          <i aria-hidden />
          <span className="grow"><b>A new version of the console is ready.</b> Take it when it suits you: the page loads again.</span>
          <Button size="xs" onClick={update}>Take it</Button>
        </div>
      )}
      {held.length > 0 && (
        <div className={css.down} role="status">
          <i aria-hidden />
          <span className="grow">
            <b>Waiting for the network:</b> {held.map((w) => `${w.what} INC-${w.incident}`).join(", ")}. It is sent as soon as the server answers; nobody knows of it yet.
          </span>
        </div>
      )}
    </>
  );
}
