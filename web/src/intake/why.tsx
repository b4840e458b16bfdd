// Why an alert paged, or did not: what was decided about it, in order.
import { useQuery } from "@tanstack/react-query";
import { q } from "../api/queries";
import { Dialog } from "../ui/dialog";
import { Chip, Reading, Time } from "../ui/pieces";
import { label } from "../ui/words";
import { stateWord } from "./alertlist";
import css from "./why.module.css";

export function Why({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useQuery(q.alert(id));
  return (
    <Dialog title="Why?" verb="Close" shows size={640} onClose={onClose} onSubmit={() => Promise.resolve()}>
      <Reading query={query} rows={3}>
        {(a) => (
          <>
            <div>
              <b className={css.what}>{a.summary}</b>
              <p className="muted small">{[a.source, label(a.service), `suggests ${a.severity}`, stateWord[a.status] ?? a.status].join(" · ")} {a.flapping && <Chip colour="amber">comes and goes</Chip>}</p>
            </div>
            {(a.why ?? []).length === 0
              ? <p className="muted">Nothing is on record: the alert is older than its reasons are kept.</p>
              : <ol className={css.list}>{(a.why ?? []).map((d) => <li key={d.at + d.text}><Time at={d.at} /><span>{d.text.charAt(0).toUpperCase() + d.text.slice(1)}</span></li>)}</ol>}
          </>
        )}
      </Reading>
    </Dialog>
  );
}
