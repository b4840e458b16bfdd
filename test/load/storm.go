package main

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// How the storm of R12 blows: distinct events, each repeated, at a steady rate.
var stormDistinct = 100_000

const (
	stormRepeats  = 10
	stormRate     = 2000 // events a second
	stormClients  = 32
	stormServices = 100
)

// storm is a storm under way.
type storm struct {
	*product
	keys  []string // integration keys, one a service
	order []int32  // of the events: which of the distinct ones
	next  atomic.Int64
	began time.Time

	mu     sync.Mutex
	took   []time.Duration
	first  map[int]time.Time // when a service's first event was accepted
	busy   int64             // answers that asked to come again
	strays int64             // answers that are neither 202 nor 429
}

// stormFigures are R12: many alerts at once, most of them said again and again.
func stormFigures(r *report) error {
	hook := newSink()
	defer hook.Close()
	p, keys, err := startPaged(hook.URL, true, stormServices)
	if err != nil {
		return err
	}
	defer p.stop()
	s := &storm{product: p, keys: keys, first: map[int]time.Time{}}
	for i := range stormDistinct {
		for range 1 + stormRepeats {
			s.order = append(s.order, int32(i))
		}
	}
	rand.New(rand.NewPCG(seed, 12)).Shuffle(len(s.order), func(i, j int) { s.order[i], s.order[j] = s.order[j], s.order[i] })
	s.began = time.Now()
	var wg sync.WaitGroup
	errs := make([]error, stormClients)
	for c := range stormClients {
		wg.Go(func() { errs[c] = s.client() })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	during := time.Since(s.began)
	slices.Sort(s.took)
	p99 := s.took[len(s.took)*99/100]
	rate := float64(len(s.order)) / during.Seconds()
	r.add("R12", fmt.Sprintf("%d events, %d of them distinct, at %.0f a second: accepted, p99", len(s.order), stormDistinct, rate), ms(p99), "ms", "<= 50 ms", p99 <= 50*time.Millisecond)
	r.add("R12", "  answers other than 202 and 429", float64(s.strays), "", "0", s.strays == 0)
	r.add("R12", "  asked to come again (429)", float64(s.busy), "", "", true)
	rss := p.rss()
	r.add("R12", "  memory after it", rss, "MB", "<= 512 MB", rss <= 512)
	if err := s.counted(r); err != nil {
		return err
	}
	return s.paged(r, hook)
}

// client sends what is left of the storm, each event at its time.
func (s *storm) client() error {
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	var out bytes.Buffer
	for {
		n := s.next.Add(1) - 1
		if n >= int64(len(s.order)) {
			return nil
		}
		time.Sleep(time.Until(s.began.Add(time.Duration(n) * time.Second / stormRate)))
		if err := s.send(conn, in, &out, int(s.order[n])); err != nil {
			return err
		}
	}
}

// send sends one event until it is accepted.
func (s *storm) send(conn net.Conn, in *bufio.Reader, out *bytes.Buffer, event int) error {
	service := event % stormServices
	body := `{"routing_key":"` + s.keys[service] + `","event_action":"trigger","dedup_key":"e-` + strconv.Itoa(event) + `","payload":{"summary":"page-me-` + strconv.Itoa(service) + `. it fails","source":"load","severity":"critical"}}`
	out.Reset()
	out.WriteString("POST /v2/enqueue HTTP/1.1\r\nHost: load\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	for {
		sent := time.Now()
		if _, err := conn.Write(out.Bytes()); err != nil {
			return err
		}
		status, err := readAnswer(in)
		if err != nil {
			return err
		}
		s.mu.Lock()
		switch status {
		case 202:
			s.took = append(s.took, time.Since(sent))
			if _, ok := s.first[service]; !ok {
				s.first[service] = time.Now()
			}
		case 429:
			s.busy++
		default:
			s.strays++
		}
		s.mu.Unlock()
		if status != 429 {
			return nil
		}
		time.Sleep(2 * time.Second) // what Retry-After says
	}
}

// counted compares what is stored with what was sent.
func (s *storm) counted(r *report) error {
	all, err := s.alerts()
	if err != nil {
		return err
	}
	wrong, sum := 0, int64(0)
	for _, a := range all {
		sum += a.Count
		if a.Count != 1+stormRepeats {
			wrong++
		}
	}
	wrong += max(stormDistinct-len(all), len(all)-stormDistinct)
	r.add("R12", fmt.Sprintf("  %d alerts that count %d events: wrong ones", len(all), sum), float64(wrong), "", "0", wrong == 0 && sum == int64(len(s.order)))
	return nil
}

// paged looks how soon each service's trouble reached somebody, and how much was
// said about it.
func (s *storm) paged(r *report, hook *sink) error {
	var took []time.Duration
	missed := 0
	for service, at := range s.first {
		got, ok := hook.with(fmt.Sprintf("page-me-%d.", service), 5*time.Second)
		if !ok {
			missed++
			continue
		}
		took = append(took, max(got.at.Sub(at), 0))
	}
	if len(took) == 0 {
		return fmt.Errorf("no page reached the provider")
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	r.add("R12", fmt.Sprintf("  first page of %d incidents, p99", len(s.first)), ms(p99), "ms", "<= 5000 ms", p99 <= 5*time.Second)
	r.add("R12", "  incidents that paged nobody", float64(missed), "", "0", missed == 0)
	_, messages := hook.count()
	r.add("R12", "  messages to people per 1,000 events", float64(messages)*1000/float64(len(s.order)), "", "", true)
	return nil
}
