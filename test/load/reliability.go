package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var (
	kills    = 20
	restarts = 100
)

// sink is a provider that keeps what it took, by key of the message.
type sink struct {
	*httptest.Server
	mu  sync.Mutex
	got map[string][]took
}

type took struct {
	at   time.Time
	text string
}

func newSink() *sink {
	s := &sink{got: map[string][]took{}}
	s.Server = httptest.NewServer(s)
	return s
}

func (s *sink) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller died in the middle: nothing was taken
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := r.Header.Get("webhook-id")
	s.got[key] = append(s.got[key], took{time.Now(), string(b)})
}

func (s *sink) count() (keys, messages int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ts := range s.got {
		messages += len(ts)
	}
	return len(s.got), messages
}

// with waits for the first message that has the text.
func (s *sink) with(text string, limit time.Duration) (took, bool) {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		s.mu.Lock()
		for _, ts := range s.got {
			if strings.Contains(ts[0].text, text) {
				s.mu.Unlock()
				return ts[0], true
			}
		}
		s.mu.Unlock()
	}
	return took{}, false
}

const killSource = 40 // services that the storm of R03 uses; each kill has one more

// killFigures are R03: the program is killed at random moments of a storm.
func killFigures(r *report) error {
	hook := newSink()
	defer hook.Close()
	file, err := webhookProcedure(false)
	if err != nil {
		return err
	}
	args := []string{"--allow-outbound", "127.0.0.0/8", "--procedure", file}
	env := []string{"ALLCLEAR_WEBHOOK_SECRETS=" + sinkSecret}
	p, err := startProduct(env, args...)
	if err != nil {
		return err
	}
	defer p.stop()
	keys, err := p.pagedBy(hook.URL, killSource+kills, []string{"ana", "bo"})
	if err != nil {
		return err
	}
	k := &killed{product: p, accepted: map[string]bool{}}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for c := range 4 {
		wg.Go(func() { k.pour(c, keys[:killSource], stop) })
	}
	rng := rand.New(rand.NewPCG(seed, 3))
	var ups []time.Duration
	for n := range kills {
		time.Sleep(time.Duration(100+rng.IntN(600)) * time.Millisecond)
		k.at = append(k.at, time.Now())
		p.kill()
		began := time.Now()
		if err := p.start(env, args...); err != nil {
			return err
		}
		if err := p.raise(keys[killSource+n], strconv.Itoa(n)); err != nil {
			return err
		}
		first, ok := hook.with(fmt.Sprintf("page-me-%d.", n), 20*time.Second)
		if !ok {
			return fmt.Errorf("no page within 20 s of start %d", n)
		}
		ups = append(ups, first.at.Sub(began))
	}
	close(stop)
	wg.Wait()
	time.Sleep(3 * time.Second) // what is still to be sent
	lost, err := k.lost()
	if err != nil {
		return err
	}
	slices.Sort(ups)
	p99 := ups[len(ups)*99/100]
	what := fmt.Sprintf("kill -9 in a storm, %d times: accepted events lost of %d", kills, len(k.accepted))
	over := k.over(hook)
	r.add("R03", what, float64(lost), "", "0", lost == 0)
	r.add("R03", "  messages sent more often than once and once more for each kill", float64(over), "", "0", over == 0)
	r.add("R03", "  start to first page sent, p99", ms(p99), "ms", "<= 2000 ms", p99 <= 2*time.Second)
	return nil
}

type killed struct {
	*product
	mu       sync.Mutex
	accepted map[string]bool
	at       []time.Time
}

// pour sends about 125 events a second, and does not mind that nobody is there.
func (k *killed) pour(c int, keys []string, stop <-chan struct{}) {
	tick := time.NewTicker(8 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		dedup := fmt.Sprintf("storm-%d-%d", c, n)
		body := fmt.Sprintf(`{"routing_key":%q,"event_action":"trigger","dedup_key":%q,"payload":{"summary":"storm","source":"load","severity":"critical"}}`, keys[n%len(keys)], dedup)
		resp, err := http.Post("http://"+k.address+"/v2/enqueue", "application/json", strings.NewReader(body))
		if err != nil {
			continue
		}
		_, err = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if err == nil && resp.StatusCode == http.StatusAccepted {
			k.mu.Lock()
			k.accepted[dedup] = true
			k.mu.Unlock()
		}
	}
}

type alertRow struct {
	DedupKey string `json:"dedup_key"`
	Count    int64  `json:"count"`
	Service  struct {
		ID string `json:"id"`
	} `json:"service"`
}

// alerts reads every alert there is.
func (p *product) alerts() (all []alertRow, err error) {
	for cursor := ""; ; {
		var page struct {
			Items []alertRow `json:"items"`
			Next  string     `json:"next_cursor"`
		}
		if err := p.call("GET", "/alerts?limit=200"+cursor, nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			return all, nil
		}
		cursor = "&cursor=" + page.Next
	}
}

// lost counts accepted events that are not one alert with a count of one.
func (k *killed) lost() (n int, err error) {
	all, err := k.alerts()
	if err != nil {
		return 0, err
	}
	rows := map[string]int64{}
	for _, a := range all {
		rows[a.DedupKey] += a.Count
	}
	for key := range k.accepted {
		if rows[key] != 1 {
			n++
		}
	}
	return n, nil
}

// over counts messages that came more often than the kills between explain.
func (k *killed) over(hook *sink) (n int) {
	const underway = 250 * time.Millisecond // what a kill caught may arrive a moment after it
	hook.mu.Lock()
	defer hook.mu.Unlock()
	for _, ts := range hook.got {
		between := 0
		for _, at := range k.at {
			if at.After(ts[0].at.Add(-underway)) && at.Before(ts[len(ts)-1].at) {
				between++
			}
		}
		n += max(len(ts)-1-between, 0)
	}
	return n
}

const paced = 200 // events a second beside the measured pages

// acceptFigures are R13: accepted to provider called, and to the provider's
// answer kept, idle and beside a steady load.
func acceptFigures(r *report) error {
	hook := newSink()
	defer hook.Close()
	p, keys, err := startPaged(hook.URL, true, 2*pagedServices)
	if err != nil {
		return err
	}
	defer p.stop()
	for i, load := range []string{"idle", "beside 200 events a second"} {
		stop := make(chan struct{})
		var wg sync.WaitGroup
		if i > 0 {
			wg.Go(func() { p.pace(keys[2*pagedServices-1], stop) })
		}
		tried, kept, err := p.pages(hook, keys[i*pagedServices:(i+1)*pagedServices-1], i*pagedServices)
		close(stop)
		wg.Wait()
		if err != nil {
			return err
		}
		p50, p99, most := tried[len(tried)/2], tried[len(tried)*99/100], tried[len(tried)-1]
		r.add("R13", "accepted to provider called, "+load+", p50", ms(p50), "ms", "<= 100 ms", p50 <= 100*time.Millisecond)
		r.add("R13", "  p99", ms(p99), "ms", "<= 1000 ms", p99 <= time.Second)
		r.add("R13", "  the slowest", ms(most), "ms", "<= 5000 ms", most <= 5*time.Second)
		c99 := kept[len(kept)*99/100]
		r.add("R13", "  written to provider's acceptance kept, p99", ms(c99), "ms", "<= 1000 ms", c99 <= time.Second)
	}
	return nil
}

// pages raises one page after the other and tells how long each took.
func (p *product) pages(hook *sink, keys []string, from int) (tried, kept []time.Duration, err error) {
	for i, key := range keys {
		if err := p.raise(key, strconv.Itoa(from+i)); err != nil {
			return nil, nil, err
		}
		at := time.Now()
		got, ok := hook.with(fmt.Sprintf("page-me-%d.", from+i), 10*time.Second)
		if !ok {
			return nil, nil, fmt.Errorf("page %d did not reach the provider", from+i)
		}
		tried = append(tried, max(got.at.Sub(at), 0))
	}
	time.Sleep(200 * time.Millisecond) // the last acceptance is written
	var page struct {
		Items []struct {
			Key    string    `json:"key"`
			At     time.Time `json:"at"`
			DoneAt time.Time `json:"done_at"`
		} `json:"items"`
	}
	if err := p.call("GET", "/deliveries?kind=page&state=sent&limit=100", nil, &page); err != nil {
		return nil, nil, err
	}
	for _, d := range page.Items {
		kept = append(kept, d.DoneAt.Sub(d.At))
	}
	if len(kept) < len(keys)/2 {
		return nil, nil, fmt.Errorf("%d of %d acceptances were kept", len(kept), len(keys))
	}
	slices.Sort(tried)
	slices.Sort(kept)
	return tried, kept, nil
}

// pace sends harmless events at a steady rate.
func (p *product) pace(key string, stop <-chan struct{}) {
	tick := time.NewTicker(time.Second / paced)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		body := fmt.Sprintf(`{"routing_key":%q,"event_action":"trigger","dedup_key":"pace-%d","payload":{"summary":"noise","source":"load","severity":"info"}}`, key, n)
		resp, err := http.Post("http://"+p.address+"/v2/enqueue", "application/json", strings.NewReader(body))
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	}
}

const (
	oneKey   = 100_000
	manyKeys = 10_000
)

// dedupFigures are R14: many clients on one key, and on shuffled keys.
func dedupFigures(r *report) error {
	p, err := startProduct(nil)
	if err != nil {
		return err
	}
	defer p.stop()
	var bad atomic.Int64
	storm := func(keys []string) error {
		var wg sync.WaitGroup
		var next atomic.Int64
		errs := make([]error, clients)
		for c := range clients {
			wg.Go(func() { errs[c] = p.drain(keys, &next, &bad) })
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		return nil
	}
	if err := storm(slices.Repeat([]string{"same"}, oneKey)); err != nil {
		return err
	}
	var keys []string
	for i := range manyKeys {
		for range 1 + i%3 {
			keys = append(keys, fmt.Sprintf("key-%d", i))
		}
	}
	rand.New(rand.NewPCG(seed, 14)).Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	if err := storm(keys); err != nil {
		return err
	}
	all, err := p.alerts()
	if err != nil {
		return err
	}
	rows, count := map[string]int{}, map[string]int64{}
	for _, a := range all {
		rows[a.DedupKey]++
		count[a.DedupKey] += a.Count
	}
	wrong := 0
	check := func(key string, want int64) {
		if rows[key] != 1 || count[key] != want {
			wrong++
		}
	}
	check("same", oneKey)
	for i := range manyKeys {
		check(fmt.Sprintf("key-%d", i), int64(1+i%3))
	}
	r.add("R14", fmt.Sprintf("%d clients, %d events on one key and %d shuffled keys: wrong alerts or counts", clients, oneKey, manyKeys), float64(wrong), "", "0", wrong == 0)
	r.add("R14", "  answers other than 202", float64(bad.Load()), "", "0", bad.Load() == 0)
	return nil
}

// drain sends the keys that are left, over one connection.
func (p *product) drain(keys []string, next, bad *atomic.Int64) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	for {
		i := next.Add(1) - 1
		if i >= int64(len(keys)) {
			return nil
		}
		body, err := json.Marshal(map[string]any{"routing_key": p.demo.IntegrationKey, "event_action": "trigger", "dedup_key": keys[i], "payload": map[string]string{"summary": "it fails", "source": "load", "severity": "warning"}})
		if err != nil {
			return err
		}
		resp, err := client.Post("http://"+p.address+"/v2/enqueue", "application/json", strings.NewReader(string(body)))
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return err
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusAccepted {
			bad.Add(1)
		}
	}
}
