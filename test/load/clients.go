package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// result is what a group of clients saw.
type result struct {
	perSecond float64
	p50, p99  time.Duration
	accepted  int64
}

// shape says what the clients send.
type shape struct {
	address, routingKey, path string
	clients                   int
	during                    time.Duration
	distinct                  bool   // a key of its own for each event
	prefix                    string // of the keys
}

// pour loads a server with keep-alive clients that cost little: they share the
// cores with what they measure.
func pour(s shape) (result, error) {
	var wg sync.WaitGroup
	times := make([][]time.Duration, s.clients)
	errs := make([]error, s.clients)
	began := time.Now()
	for c := range s.clients {
		wg.Go(func() { times[c], errs[c] = s.client(c, began.Add(s.during)) })
	}
	wg.Wait()
	took := time.Since(began)
	for _, err := range errs {
		if err != nil {
			return result{}, err
		}
	}
	all := slices.Concat(times...)
	slices.Sort(all)
	if len(all) == 0 {
		return result{}, fmt.Errorf("no event was accepted at %s", s.address)
	}
	return result{perSecond: float64(len(all)) / took.Seconds(), p50: all[len(all)/2], p99: all[len(all)*99/100], accepted: int64(len(all))}, nil
}

func (s shape) client(c int, until time.Time) ([]time.Duration, error) {
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	var out bytes.Buffer
	var took []time.Duration
	for n := 0; time.Now().Before(until); n++ {
		key := s.prefix
		if s.distinct {
			key += "-" + strconv.Itoa(c) + "-" + strconv.Itoa(n)
		}
		s.request(&out, key)
		sent := time.Now()
		if _, err := conn.Write(out.Bytes()); err != nil {
			return nil, err
		}
		status, err := readAnswer(in)
		if err != nil {
			return nil, err
		}
		if status != 202 {
			return nil, fmt.Errorf("event answered %d", status)
		}
		took = append(took, time.Since(sent))
	}
	return took, nil
}

func (s shape) request(out *bytes.Buffer, key string) {
	body := `{"routing_key":"` + s.routingKey + `","event_action":"trigger","dedup_key":"` + key + `","payload":{"summary":"disk is nearly full","source":"host-7","severity":"warning"}}`
	out.Reset()
	out.WriteString("POST " + s.path + " HTTP/1.1\r\nHost: load\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}

// readAnswer reads one HTTP/1.1 answer with a length and returns its status.
func readAnswer(in *bufio.Reader) (status int, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("answer %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, err
	}
	length := 0
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			break
		}
		if name, value, ok := strings.Cut(string(line), ":"); ok && strings.EqualFold(name, "content-length") {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return 0, err
			}
		}
	}
	_, err = io.CopyN(io.Discard, in, int64(length))
	return status, err
}
