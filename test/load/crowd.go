package main

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

// A large company: what P4 and P5 have to hold beside.
const (
	crowdPeople    = 1000
	crowdSchedules = 200
	crowdDeadlines = 10_000
)

// startCrowded is startPaged in a large company; it also returns how many
// deadlines are armed there.
func startCrowded(hook string) (p *product, keys []string, armed int, err error) {
	if p, keys, err = startPaged(hook, true, 2*pagedServices); err != nil {
		return nil, nil, 0, err
	}
	if armed, err = p.crowd(); err != nil {
		p.stop()
	}
	return p, keys, armed, err
}

// crowd puts a large company into the catalogue, all in one apply, and opens quiet
// incidents until enough deadlines are armed. It returns how many are.
func (p *product) crowd() (deadlines int, err error) {
	var doc strings.Builder
	for i := range crowdPeople {
		fmt.Fprintf(&doc, "---\nkind: person\nid: crowd-%d\nname: Person %d\nemail: crowd-%d@example.com\nlevel: 1\ncontacts: [{channel: sms, address: \"+1555%07d\"}]\n", i, i, i, i)
	}
	zones := []string{"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"}
	for i := range crowdSchedules {
		var members []string
		for m := range 5 {
			members = append(members, fmt.Sprintf("crowd-%d", (5*i+m)%crowdPeople))
		}
		list := strings.Join(members, ", ")
		fmt.Fprintf(&doc, "---\nkind: schedule\nid: crowd-%d\ntime_zone: %s\nlayers:\n  - {members: [%s], start: 2026-01-05T09:00, every: 1, unit: week}\n  - {members: [%s], start: 2026-01-05T21:00, every: 1, unit: day}\n", i, zones[i%len(zones)], list, list)
	}
	doc.WriteString("---\nkind: service\nid: quiet\nname: Quiet\nrestoration_rank: 6\ncritical_function: false\n")
	in := map[string]any{"files": []map[string]any{{"name": "crowd.yaml", "text": doc.String()}}}
	if err := p.call("POST", "/apply", in, nil); err != nil {
		return 0, err
	}
	for n := 0; deadlines < crowdDeadlines; n++ {
		var inc struct {
			Number int64 `json:"number"`
		}
		if err := p.call("POST", "/incidents", map[string]any{"service": "quiet", "severity": "P3", "title": fmt.Sprintf("Quiet trouble %d", n)}, &inc); err != nil {
			return 0, err
		}
		var list struct {
			Items []struct {
				State string `json:"state"`
			} `json:"items"`
		}
		if n > 0 { // all alike
			deadlines += deadlines / n
			continue
		}
		if err := p.call("GET", fmt.Sprintf("/incidents/%d/deadlines", inc.Number), nil, &list); err != nil {
			return 0, err
		}
		for _, d := range list.Items {
			if d.State == "pending" {
				deadlines++
			}
		}
		if deadlines == 0 {
			return 0, fmt.Errorf("INC-%d has no deadline", inc.Number)
		}
	}
	return deadlines, nil
}

const stepAfter = 2 * time.Second

// stepFigures are P5 in the product: how late the steps of policies page in a
// large company.
func stepFigures(r *report) error {
	sink := &arrivals{at: map[string]time.Time{}}
	srv := httptest.NewServer(sink)
	defer srv.Close()
	p, keys, armed, err := startCrowded(srv.URL)
	if err != nil {
		return err
	}
	defer p.stop()
	step := map[string]any{"id": "later", "name": "Later", "steps": []map[string]any{{"after": "0s", "to": []string{"person:crowd-1"}}, {"after": stepAfter.String(), "to": []string{"person:ana"}}}}
	if err := p.call("PUT", "/escalation-policies/later", step, nil); err != nil {
		return err
	}
	for i := range pagedServices {
		id := fmt.Sprintf("svc-%d", i)
		if err := p.call("PUT", "/services/"+id, map[string]any{"id": id, "name": id, "restoration_rank": 6, "critical_function": false, "escalation_policy": "later"}, nil); err != nil {
			return err
		}
	}
	began := make([]time.Time, pagedServices)
	errs := make([]error, pagedServices)
	var wg sync.WaitGroup
	for i := range pagedServices {
		time.Sleep(20 * time.Millisecond)
		wg.Go(func() {
			began[i] = time.Now()
			errs[i] = p.raise(keys[i], fmt.Sprint(i))
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	var late []time.Duration
	for n, at := range sink.wait(pagedServices, stepAfter+10*time.Second) {
		var i int
		if _, err := fmt.Sscan(n, &i); err != nil {
			return err
		}
		if at.Sub(began[i]) < stepAfter {
			return fmt.Errorf("a step that is due after %s came after %s", stepAfter, at.Sub(began[i]))
		}
		late = append(late, at.Sub(began[i])-stepAfter)
	}
	if len(late) < pagedServices {
		return fmt.Errorf("%d of %d steps reached the provider", len(late), pagedServices)
	}
	slices.Sort(late)
	p99 := late[len(late)*99/100-1]
	r.add("P5", fmt.Sprintf("a step is due to provider called, with %d people, %d schedules, %d armed deadlines, p99", crowdPeople, crowdSchedules, armed), ms(p99), "ms", "<= 50 ms", p99 <= 50*time.Millisecond)
	return nil
}
