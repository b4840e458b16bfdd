// The keyboard help: what can be pressed on this screen, and the switch that
// turns single keys off.
import { Modal, Switch } from "@mantine/core";
import { Fragment } from "react";
import { commands, singleKeys } from "./commands";
import css from "./shell.module.css";
import { useStore } from "./store";

export function Help({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const on = useStore(singleKeys);
  const list = opened ? commands().filter((c) => c.keys) : [];
  const groups = [...new Set(list.map((c) => c.group))];
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard" size={640}>
      <div className={css.help}>
        {groups.map((g) => (
          <section key={g}>
            <h3>{g}</h3>
            <dl>
              {list.filter((c) => c.group === g).map((c) => (
                <Fragment key={c.id}>
                  <dt>{c.keys?.split(" ").map((k) => <kbd key={k}>{k}</kbd>)}</dt>
                  <dd>{c.label}</dd>
                </Fragment>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>Everywhere</h3>
          <dl>
            <dt><kbd>Ctrl</kbd><kbd>K</kbd></dt><dd>Do anything (⌘ K on a Mac)</dd>
            <dt><kbd>Enter</kbd></dt><dd>Open the row in focus</dd>
            <dt><kbd>Esc</kbd></dt><dd>Leave a field, close a dialog</dd>
          </dl>
        </section>
      </div>
      <Switch mt={16} checked={on} onChange={(e) => singleKeys.set(e.currentTarget.checked)} label="Single-key shortcuts" description="Off for speech input and switch devices. Ctrl K always works." color="dark" />
    </Modal>
  );
}
