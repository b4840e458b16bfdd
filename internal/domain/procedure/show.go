package procedure

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Show renders the procedure as a text to read, without colours, for a terminal
// or a pager.
func Show(p *Procedure) string {
	var w page
	w.control(p)
	w.severities(p)
	w.clocks(p)
	w.chain(p)
	w.mailboxes(p)
	w.noise(p)
	w.metrics(p)
	w.tickets(p)
	w.healthChecks(p)
	w.retention(p)
	w.warRoom(p)
	w.review(p)
	w.credits(p)
	w.rules(p)
	w.texts(p)
	w.figures(p)
	w.table("Loose words and the rule for each", p.Words)
	w.readings(p)
	return w.b.String()
}

// page collects the lines of a rendering.
type page struct{ b strings.Builder }

func (w *page) line(format string, args ...any) {
	w.b.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
}

func (w *page) heading(s string) {
	w.line("\n%s\n%s", s, strings.Repeat("-", len([]rune(s))))
}

func (w *page) control(p *Procedure) {
	d := p.Document
	w.line("%s", d.Title)
	w.line("%s", strings.Repeat("=", max(len([]rune(d.Title)), 1)))
	w.line("%s", d.Subtitle)
	w.line("%s, %s. Version %s of %s, %s. %s.", d.Company, d.Department, d.Version, d.Date, d.ApprovalStatus, d.Confidentiality)
	w.line("Owner %s; prepared by %s; reviewed by %s; approved by %s.", d.Owner, d.PreparedBy, d.ReviewedBy, d.ApprovedBy)
	w.line("Next review %s. For %s.", d.NextReview, strings.Join(d.Distribution, ", "))
	if h := p.BusinessHours; h != nil {
		w.line("Business hours: %s %s-%s %s; %d holidays.", strings.Join(h.Days, " "), h.Start, h.End, h.TimeZone, len(h.Holidays))
	} else {
		w.line("Business hours: not set.")
	}
}

func (w *page) severities(p *Procedure) {
	w.heading("Severities")
	for _, s := range Severities {
		def := p.Severities[s.String()]
		w.line("%s  %s: %s. [%s]", s, def.Name, def.Meaning, def.Clause)
		w.line("    review %s, war room %s, status page %s", def.Review, def.WarRoom, def.Impact)
		for _, sc := range def.Scenarios {
			flags := ""
			if len(sc.Flags) > 0 {
				flags = " (" + strings.Join(sc.Flags, ", ") + ")"
			}
			w.line("    %-26s %s%s [%s]", sc.ID, sc.Text, flags, sc.Clause)
		}
	}
	w.line("\nWhat a source's word suggests (on a critical function / elsewhere):")
	for _, k := range slices.Sorted(maps.Keys(p.Hints)) {
		w.line("    %-10s %s / %s", k, p.Hints[k].Critical, p.Hints[k].Other)
	}
	w.line("\nImpact by urgency: %s", strings.Join(p.Matrix.Urgency, ", "))
	for _, i := range p.Matrix.Impact {
		row := make([]string, len(p.Matrix.Urgency))
		for j, u := range p.Matrix.Urgency {
			row[j] = p.Matrix.Cells[i][u].String()
		}
		w.line("    %-12s %s", i, strings.Join(row, "  "))
	}
	w.line("\nA suspected P1 or P2 declares itself after %s.", short(p.Suspicion.DeclareAfter))
}

func (w *page) clocks(p *Procedure) {
	w.heading("Clocks")
	w.line("%-18s %-9s %-17s %8s %8s %8s %8s", "", "from", "until", "P1", "P2", "P3", "P4")
	for _, c := range p.Clocks {
		var cells [len(Severities)]string
		for i, s := range Severities {
			cells[i] = "-"
			if t, ok := c.By[s.String()]; ok {
				cells[i] = t.Within.String()
			}
		}
		w.line("%-18s %-9s %-17s %8s %8s %8s %8s", c.ID, c.From, c.Until, cells[0], cells[1], cells[2], cells[3])
	}
	for _, l := range p.Levels {
		var parts []string
		for _, s := range Severities {
			if r, ok := l.Response[s.String()]; ok {
				parts = append(parts, s.String()+" "+r.String())
			}
		}
		w.line("Level %d, %s, answers within %s: %s. [%s]", l.Level, l.Name, strings.Join(parts, ", "), strings.Join(l.Members, ", "), l.Clause)
	}
}

func (w *page) chain(p *Procedure) {
	w.heading("Escalation chain")
	for i, s := range p.Chain.Steps {
		w.line("%d. %s [%s]", i+1, s.Describe(), s.Clause)
	}
	w.line("Then everyone again every %s while nobody has acknowledged.", short(p.Chain.RepeatEvery))
	w.line("Channels of a page, one after the other: %s. Of a notice: %s. Fallback: %s.", strings.Join(p.Paging.Channels, ", "), strings.Join(p.Paging.Notices, ", "), p.Paging.Fallback)
}

func (w *page) rules(p *Procedure) {
	w.heading("Rules")
	for _, t := range Triggers {
		for _, r := range p.Rules {
			if r.On == t {
				w.line("%-28s %s", r.ID, r.Describe())
			}
		}
	}
}

func (w *page) texts(p *Procedure) {
	w.heading("Texts")
	for _, name := range slices.Sorted(maps.Keys(p.Texts)) {
		t := p.Texts[name]
		w.line("%s (%s)", name, strings.Join(p.Users(name), ", "))
		w.line("    %s", t.Subject)
		for l := range strings.Lines(strings.TrimRight(t.Body, "\n")) {
			w.line("    | %s", strings.TrimRight(l, "\n"))
		}
	}
}

func (w *page) figures(p *Procedure) {
	w.heading("Figures")
	for _, k := range p.KPIs {
		w.line("%-28s %s, target %s%s%s (was %s), %s. %s [%s]", k.ID, k.Name, k.Better, figure(k.Target), unit(k.Unit), figure(k.Baseline), severities(k.Population), k.Method, k.Clause)
	}
}

func figure(f *float64) string {
	if f == nil {
		return "?"
	}
	return fmt.Sprintf("%g", *f)
}

func unit(u string) string {
	if u == "%" {
		return u
	}
	return " " + u
}

func (w *page) table(title string, rows map[string]string) {
	w.heading(title)
	for _, k := range slices.Sorted(maps.Keys(rows)) {
		w.line("%-28s %s", k, rows[k])
	}
}

func (w *page) readings(p *Procedure) {
	w.heading("How the document is read")
	keys := slices.Collect(maps.Keys(p.Readings))
	slices.SortFunc(keys, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	for _, k := range keys {
		w.line("%3s. %s", k, p.Readings[k])
	}
}

func (w *page) noise(p *Procedure) {
	n := &p.Noise
	if n.Flapping.Changes == 0 && n.Topology.Mode == "" && len(n.Grouping)+len(n.Inhibit) == 0 {
		return
	}
	w.heading("Less noise")
	if f := n.Flapping; f.Changes > 0 {
		w.line("An alert that begins %d times within %s ends only when it has been over for %s.", f.Changes, f.Within, f.Hold)
	}
	switch n.Topology.Mode {
	case TopologyLink:
		w.line("Trouble on a service names the incident of the last %s on a service that it depends on as its likely cause.", n.Topology.Window)
	case TopologyJoin:
		w.line("Trouble on a service joins the incident of the last %s on a service that it depends on, unless it is worse.", n.Topology.Window)
	}
	for _, g := range n.Grouping {
		w.line("%s: incidents are cut by %s.", g.ID, strings.Join(g.By, ", "))
	}
	for _, h := range n.Inhibit {
		w.line("%s: alerts with %v are held back while one with %v stands.", h.ID, h.Then, h.When)
	}
}

func (w *page) metrics(p *Procedure) {
	if len(p.Metrics) == 0 {
		return
	}
	w.heading("Limits of metrics")
	for i := range p.Metrics {
		r := &p.Metrics[i]
		w.line("%s (%s): %s suggests %s. %s", r.ID, r.Name, r.Condition(), r.Suggests, r.Clauses)
	}
}

func (w *page) mailboxes(p *Procedure) {
	if len(p.Mailboxes) == 0 {
		return
	}
	w.heading("Emergency addresses")
	for _, m := range p.Mailboxes {
		w.line("%s (%s): says %s, then the rules on %s. %s", strings.Join(m.Addresses, "@, ")+"@", m.Name, m.Says, m.On, m.Clauses)
	}
}
