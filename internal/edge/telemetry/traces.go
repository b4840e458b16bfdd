package telemetry

import (
	"encoding/hex"
	"math"
	"net/http"
	"time"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"allclear/internal/base/fault"
	"allclear/internal/domain/metric"
	"allclear/internal/plug"
)

// traces takes an ExportTraceServiceRequest, in binary or JSON. A hook key is
// needed: it says whose spans they are.
func (c *call) traces() error {
	kind, asJSON, ok := c.form()
	if !ok {
		return nil
	}
	if c.service == "" {
		return fault.New(fault.Refused, "send traces with a hook key: it says of which service they are")
	}
	all, err := ReadTraces(c.body, asJSON)
	if err != nil {
		return err
	}
	for i := range all {
		all[i].Service = c.service
	}
	if len(all) > 0 {
		if err := c.o.Metrics.PushSpans(c.r.Context(), all, c.now); err != nil {
			return err
		}
	}
	doc := []byte("{}")
	if !asJSON {
		doc = nil // an empty message
	}
	write(c.w, http.StatusOK, kind, doc)
	return nil
}

// maxTags is how many attributes of a span are kept.
const maxTags = 32

// ReadTraces decodes the spans of a request. In OTLP's JSON ids are hexadecimal,
// which is not how JSON of protocol buffers writes bytes.
func ReadTraces(body []byte, asJSON bool) (all []metric.Span, err error) {
	no := fault.New(fault.Invalid, "the body is no ExportTraceServiceRequest")
	var req trace.TracesData // the same on the wire
	if asJSON {
		if body, err = hexIDs(body); err != nil {
			return nil, no
		}
		err = protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(body, &req)
	} else {
		err = proto.Unmarshal(body, &req)
	}
	if err != nil {
		return nil, no
	}
	for _, rs := range req.ResourceSpans {
		program := ""
		for _, a := range rs.GetResource().GetAttributes() {
			if a.Key == "service.name" {
				program = cut(text(a.Value))
			}
		}
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				x, ok := spanOf(s, program)
				if !ok {
					return nil, no.With("", "a span needs a trace id of 16 bytes, a span id of 8, and times")
				}
				if all = append(all, x); len(all) > maxItems {
					return nil, fault.New(fault.TooLarge, "more than %d spans in one call", maxItems)
				}
			}
		}
	}
	return all, nil
}

func spanOf(s *trace.Span, program string) (metric.Span, bool) {
	if len(s.TraceId) != 16 || len(s.SpanId) != 8 || s.StartTimeUnixNano > math.MaxInt64 || s.EndTimeUnixNano > math.MaxInt64 || s.EndTimeUnixNano < s.StartTimeUnixNano {
		return metric.Span{}, false
	}
	out := metric.Span{
		Trace: hex.EncodeToString(s.TraceId), ID: hex.EncodeToString(s.SpanId), Parent: hex.EncodeToString(s.ParentSpanId), Name: plug.Line(s.Name, plug.MaxWord), Program: program,
		Entry: s.Kind == trace.Span_SPAN_KIND_SERVER || s.Kind == trace.Span_SPAN_KIND_CONSUMER, Start: time.Unix(0, int64(s.StartTimeUnixNano)).UTC(),
		Took: time.Duration(s.EndTimeUnixNano - s.StartTimeUnixNano), Failed: s.GetStatus().GetCode() == trace.Status_STATUS_CODE_ERROR, Message: plug.Line(s.GetStatus().GetMessage(), plug.MaxWord),
	}
	for _, a := range s.Attributes {
		if len(out.Tags) == maxTags {
			break
		}
		if out.Tags == nil {
			out.Tags = map[string]string{}
		}
		out.Tags[plug.Line(a.Key, metric.MaxName)] = plug.Line(text(a.Value), metric.MaxValue)
	}
	return out, true
}

// queries takes the slowest queries of a service's database:
// {"queries": [{"query", "calls", "mean_ms", "max_ms"}]}.
func (c *call) queries() error {
	if c.service == "" {
		return fault.New(fault.Refused, "send queries with a hook key: it says of which service they are")
	}
	var all []metric.SlowQuery
	j := plug.ReadJSON(c.body)
	const most = 1000
	if !j.Object(func(name []byte) {
		if string(name) != "queries" {
			return
		}
		j.Array(most, func(int) {
			var q metric.SlowQuery
			j.Object(func(name []byte) {
				switch string(name) {
				case "query":
					q.Query = j.Text()
				case "calls":
					q.Calls = int64(j.Number())
				case "mean_ms":
					q.MeanMS = j.Number()
				case "max_ms":
					q.MaxMS = j.Number()
				}
			})
			all = append(all, q)
		})
	}) {
		j.Fail("must be an object")
	}
	if err := j.End(); err != nil {
		return err
	}
	if err := c.o.Metrics.PushQueries(c.r.Context(), c.service, all, c.now); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
