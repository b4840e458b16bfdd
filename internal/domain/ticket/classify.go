package ticket

import (
	"fmt"
	"slices"
	"strings"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/procedure"
)

// Facts are what is known around a ticket.
type Facts struct {
	Customer         *catalog.Customer // nil: unknown
	CriticalFunction bool              // of the service
	Priority         string            // the source's own
	Others           int               // other customers with urgent tickets about the service
	Incident         string            // open on the service, as INC-42; empty: none, or not to be named
}

// Verdict is what a ticket is taken for.
type Verdict struct {
	Sort       string // see procedure.TicketSorts
	Severity   procedure.Severity
	Confidence float64 // 0 to 1
	Reasons    []string
	Queue      string // Urgent or Normal
	Pages      bool
}

// Classify judges a ticket by its words and its writer (reading 19): a strong
// keyword pages with an account or a word for everybody; any other keyword puts
// it into the urgent queue. It reads whole words of what the customer wrote.
func Classify(subject, text string, f Facts, t *procedure.Tickets) Verdict {
	var s said
	s.read(subject, t)
	s.read(Own(text), t)
	v := Verdict{Sort: procedure.TicketNormal, Queue: Normal, Reasons: s.reasons}
	account := s.account(&v, f.Customer, t)
	if s.everybody != "" {
		v.Reasons = append(v.Reasons, fmt.Sprintf("says %q: it is about everybody", s.everybody))
	}
	strong := s.heaviest >= t.Strong && s.score > 0
	switch {
	case strong && s.everybody != "":
		v.Sort, v.Queue, v.Pages = procedure.TicketEverybody, Urgent, true
	case strong && account:
		v.Sort, v.Queue, v.Pages = procedure.TicketAccount, Urgent, true
	case s.score > 0:
		v.Sort, v.Queue = procedure.TicketUrgent, Urgent
		if strong {
			v.Reasons = append(v.Reasons, "neither an account that pages nor a word for everybody: it waits in the urgent queue")
		} else {
			v.Reasons = append(v.Reasons, "no strong keyword: it waits in the urgent queue")
		}
	case f.Priority == "urgent":
		v.Sort, v.Queue = procedure.TicketUrgent, Urgent
		v.Reasons = append(v.Reasons, "its priority there is urgent")
	default:
		v.Reasons = append(v.Reasons, "no keyword counts")
	}
	v.Severity = t.Of(v.Sort, f.CriticalFunction)
	v.Confidence = s.confidence(&v, account, f)
	return v
}

// said is what the words of a ticket come to.
type said struct {
	score, heaviest int
	seen            map[string]bool
	everybody       string
	doubtful        bool // a keyword did not count
	reasons         []string
}

func (s *said) read(text string, t *procedure.Tickets) {
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	ws := wordsOf(text)
	covered := s.exceptions(ws, t)
	for i := range ws {
		for _, k := range t.Keywords {
			p := strings.Fields(k.Word)
			if covered[i] || s.seen[k.Word] || !at(ws, i, p) {
				continue
			}
			if i > 0 && ws[i].near && slices.Contains(t.Negations, ws[i-1].text) {
				s.leave(ws[i-1].text + " " + k.Word)
				continue
			}
			s.seen[k.Word] = true
			s.score += k.Weight
			s.heaviest = max(s.heaviest, k.Weight)
			s.reasons = append(s.reasons, fmt.Sprintf("says %q (%d)", k.Word, k.Weight))
		}
		for _, e := range t.Everybody {
			if s.everybody == "" && at(ws, i, strings.Fields(e)) && (i == 0 || !ws[i].near || !slices.Contains(t.Negations, ws[i-1].text)) {
				s.everybody = e
			}
		}
	}
}

// exceptions marks the words of phrases in which no keyword counts.
func (s *said) exceptions(ws []word, t *procedure.Tickets) []bool {
	covered := make([]bool, len(ws))
	for i := range ws {
		for _, e := range t.Except {
			p := strings.Fields(e)
			if !at(ws, i, p) {
				continue
			}
			for n := range p {
				covered[i+n] = true
			}
			if len(p) > 1 || slices.ContainsFunc(t.Keywords, func(k procedure.Keyword) bool { return k.Word == e }) {
				s.leave(e)
			}
		}
	}
	return covered
}

func (s *said) leave(phrase string) {
	s.doubtful = true
	if r := fmt.Sprintf("%q does not count", phrase); !slices.Contains(s.reasons, r) {
		s.reasons = append(s.reasons, r)
	}
}

// account reports whether the customer is one whose strong tickets page.
func (s *said) account(v *Verdict, k *catalog.Customer, t *procedure.Tickets) bool {
	switch {
	case k == nil:
		v.Reasons = append(v.Reasons, "the customer is not known")
		return false
	case k.VIP && t.Takes("vip"):
		v.Reasons = append(v.Reasons, "customer is VIP")
	case k.MajorAccount && t.Takes("major_account"):
		v.Reasons = append(v.Reasons, "customer is a major account")
	case k.Tier == catalog.Enterprise && t.Takes("enterprise"):
		v.Reasons = append(v.Reasons, "customer is an enterprise account")
	default:
		v.Reasons = append(v.Reasons, "customer is a "+k.Tier+" one")
		return false
	}
	return true
}

// What speaks for a verdict, in hundredths.
const (
	byKeyword   = 35 // and
	perWeight   = 10 // up to maxWeight
	maxWeight   = 4
	byAccount   = 10
	byEverybody = 10
	byIncident  = 10
	perCustomer = 5 // up to maxOthers
	maxOthers   = 3
	byDoubt     = -15
	byNothing   = 65 // that a ticket without any keyword is not urgent
	byPriority  = 50
	certain     = 99
)

// confidence is how sure the verdict is; tickets of others and an open incident
// on the service speak for an urgent one.
func (s *said) confidence(v *Verdict, account bool, f Facts) float64 {
	n := byNothing
	if v.Queue == Urgent {
		n = byPriority
		if s.score > 0 {
			n = byKeyword + perWeight*min(s.score, maxWeight)
		}
		n += when(account, byAccount) + when(s.everybody != "", byEverybody)
		if f.Others > 0 {
			n += perCustomer * min(f.Others, maxOthers)
			v.Reasons = append(v.Reasons, fmt.Sprintf("%d other customers say it too", f.Others))
		}
		if f.Incident != "" {
			n += byIncident
			v.Reasons = append(v.Reasons, f.Incident+" is open on the service")
		}
	}
	n += when(s.doubtful, byDoubt)
	return float64(max(1, min(n, certain))) / 100
}

func when(is bool, n int) int {
	if is {
		return n
	}
	return 0
}
