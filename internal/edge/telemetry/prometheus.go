package telemetry

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"

	"allclear/internal/base/fault"
	"allclear/internal/domain/metric"
)

// metricName is the label that holds the name of a metric.
const metricName = "__name__"

// remoteWrite takes Remote-Write 1.0 and 2.0. What is no use is told with 400,
// which a Prometheus does not send again; the rest is kept.
func (c *call) remoteWrite() error {
	kind, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-protobuf" && kind != "application/protobuf" {
		return fault.New(fault.Invalid, "the body is no remote write").With("", "Content-Type must be application/x-protobuf")
	}
	var all []metric.Sample
	switch proto := params["proto"]; proto {
	case "", "prometheus.WriteRequest":
		all, err = ReadWrite(c.body)
	case "io.prometheus.write.v2.Request":
		all, err = ReadWrite2(c.body)
	default:
		problemOf(c.w, http.StatusUnsupportedMediaType, "this message is not read here: prometheus.WriteRequest or io.prometheus.write.v2.Request")
		return nil
	}
	if err != nil {
		return err
	}
	if len(all) > 0 {
		if err := c.keep(all); err != nil {
			return err
		}
	}
	for _, what := range []string{"Samples", "Histograms", "Exemplars"} {
		n := 0
		if what == "Samples" {
			n = len(all)
		}
		c.w.Header().Set("X-Prometheus-Remote-Write-"+what+"-Written", strconv.Itoa(n))
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

func noWrite() error {
	return fault.New(fault.Invalid, "the body is no remote write").With("", "cannot be decoded as the protocol buffer it says to be")
}

// ReadWrite decodes a WriteRequest of version 1. Native histograms, exemplars and
// markers that a series has ended are passed over.
func ReadWrite(body []byte) ([]metric.Sample, error) {
	var req prompb.WriteRequest
	if err := req.Unmarshal(body); err != nil {
		return nil, noWrite()
	}
	var all []metric.Sample
	for i := range req.Timeseries {
		ts := &req.Timeseries[i]
		s := metric.Sample{Labels: make(map[string]string, len(ts.Labels))}
		for _, l := range ts.Labels {
			tag(&s, l.Name, l.Value)
		}
		s.Kind = kindOf(s.Name)
		for _, p := range ts.Samples {
			all = appendSample(all, s, p.Timestamp, p.Value)
		}
		if len(all) > maxItems {
			return nil, fault.New(fault.TooLarge, "more than %d samples in one call", maxItems)
		}
	}
	return all, nil
}

// ReadWrite2 decodes a Request of version 2.
func ReadWrite2(body []byte) (all []metric.Sample, err error) {
	var req writev2.Request
	if err := req.Unmarshal(body); err != nil {
		return nil, noWrite()
	}
	var b labels.ScratchBuilder
	for i := range req.Timeseries {
		ts := &req.Timeseries[i]
		if len(ts.LabelsRefs)%2 != 0 {
			return nil, noWrite()
		}
		for _, ref := range ts.LabelsRefs {
			if int(ref) >= len(req.Symbols) {
				return nil, noWrite()
			}
		}
		l, err := ts.ToLabels(&b, req.Symbols)
		if err != nil {
			return nil, noWrite()
		}
		s := metric.Sample{Labels: map[string]string{}}
		l.Range(func(x labels.Label) { tag(&s, x.Name, x.Value) })
		if t := ts.Metadata.Type; t == writev2.Metadata_METRIC_TYPE_COUNTER {
			s.Kind = metric.Counter
		} else if t == writev2.Metadata_METRIC_TYPE_UNSPECIFIED {
			s.Kind = kindOf(s.Name)
		}
		for _, p := range ts.Samples {
			all = appendSample(all, s, p.Timestamp, p.Value)
		}
		if len(all) > maxItems {
			return nil, fault.New(fault.TooLarge, "more than %d samples in one call", maxItems)
		}
	}
	return all, nil
}

func tag(s *metric.Sample, name, value string) {
	if name == metricName {
		s.Name = metric.Name(value)
		return
	}
	s.Labels[metric.Name(strings.TrimPrefix(name, "__"))] = cut(value)
}

// cut keeps as much of a label's value as a series may have.
func cut(v string) string {
	if rs := []rune(v); len(rs) > metric.MaxValue {
		return string(rs[:metric.MaxValue])
	}
	return v
}

// kindOf goes by the names that Prometheus' clients give to what only grows; of
// others remote write does not tell.
func kindOf(name string) metric.Kind {
	for _, end := range []string{"_total", "_count", "_sum", "_bucket"} {
		if strings.HasSuffix(name, end) {
			return metric.Counter
		}
	}
	return metric.Untold
}

// appendSample leaves out what is not a number: the marker of a series that ended.
func appendSample(all []metric.Sample, s metric.Sample, ms int64, v float64) []metric.Sample {
	if v != v {
		return all
	}
	s.At, s.Value = time.UnixMilli(ms).UTC(), v
	return append(all, s)
}
