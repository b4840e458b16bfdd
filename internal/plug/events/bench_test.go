package events

import (
	"encoding/json"
	"testing"

	"allclear/internal/plug"
)

const sample = `{"payload":{"summary":"replication lag above 30 s on db-7","timestamp":"2026-03-02T03:04:05.315+0000","severity":"critical","source":"db-7.example.net","component":"postgres","group":"prod","class":"replication","custom_details":{"lag":"41 s","limit":30.5,"replicas":["a","b"]}},"routing_key":"0123456789abcdef0123456789abcdef","dedup_key":"db-7/replication","event_action":"trigger","client":"Probe","client_url":"https://probe.example.net/7","links":[{"href":"https://runbook.example.net/lag","text":"Runbook"}]}`

func BenchmarkParse(b *testing.B) {
	in := plug.Inbound{Body: []byte(sample), KeyInBody: true}
	b.SetBytes(int64(len(sample)))
	b.ReportAllocs()
	for b.Loop() {
		if r, err := (source{}).Parse(in); err != nil || len(r.Signals) != 1 {
			b.Fatal(r, err)
		}
	}
}

// BenchmarkStandard is what decoding alone costs with encoding/json, without
// any check: the yardstick for BenchmarkParse.
func BenchmarkStandard(b *testing.B) {
	type event struct {
		RoutingKey string `json:"routing_key"`
		Action     string `json:"event_action"`
		DedupKey   string `json:"dedup_key"`
		Client     string `json:"client"`
		ClientURL  string `json:"client_url"`
		Payload    struct {
			Summary, Source, Severity, Component, Group, Class, Timestamp string
			CustomDetails                                                 json.RawMessage `json:"custom_details"`
		} `json:"payload"`
		Links []struct{ Href, Text string } `json:"links"`
	}
	b.SetBytes(int64(len(sample)))
	b.ReportAllocs()
	for b.Loop() {
		var e event
		if err := json.Unmarshal([]byte(sample), &e); err != nil {
			b.Fatal(err)
		}
	}
}
