package telemetry

import (
	"encoding/json"
	"fmt"
	"math"
	"mime"
	"net/http"
	"strconv"
	"time"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	otlp "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"allclear/internal/base/fault"
	"allclear/internal/domain/metric"
)

// form says in which of the two forms of OTLP the body is, and the answer is to be;
// others are answered 415.
func (c *call) form() (kind string, asJSON, ok bool) {
	kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err == nil && (kind == "application/json" || kind == "application/x-protobuf") {
		return kind, kind == "application/json", true
	}
	problemOf(c.w, http.StatusUnsupportedMediaType, "Content-Type must be application/x-protobuf or application/json")
	return "", false, false
}

// otlp takes an ExportMetricsServiceRequest, in binary or JSON, and answers in the
// same form. What is no use is told as partial success, so that no exporter sends
// it again.
func (c *call) otlp() error {
	kind, asJSON, ok := c.form()
	if !ok {
		return nil
	}
	all, err := ReadOTLP(c.body, asJSON)
	if err != nil {
		return err
	}
	var refused partial
	if len(all) > 0 {
		err = c.keep(all)
		if fault.Is(err, fault.Invalid) {
			refused = partial{Rejected: int64(details(err)), Message: err.Error()}
			c.o.Log.WarnContext(c.r.Context(), "samples refused", "path", c.r.Pattern, "service", c.service, "reason", refused.Message)
		} else if err != nil {
			return err
		}
	}
	doc, err := refused.answer(asJSON)
	if err != nil {
		return err
	}
	write(c.w, http.StatusOK, kind, doc)
	return nil
}

// partial is what an ExportMetricsServiceResponse says of points that were not kept.
// It and the request, which on the wire is the same as MetricsData, are written
// here because the package that has them brings all of gRPC along.
type partial struct {
	Rejected int64  `json:"rejectedDataPoints,string,omitempty"`
	Message  string `json:"errorMessage,omitempty"`
}

func (p partial) answer(asJSON bool) ([]byte, error) {
	if p.Message == "" {
		if asJSON {
			return []byte("{}"), nil
		}
		return nil, nil // an empty message
	}
	if asJSON {
		return json.Marshal(map[string]partial{"partialSuccess": p})
	}
	b := protowire.AppendTag(nil, 1, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(p.Rejected))
	b = protowire.AppendTag(b, 2, protowire.BytesType)
	b = protowire.AppendString(b, p.Message)
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), b), nil
}

// ReadOTLP decodes the metrics of a request.
func ReadOTLP(body []byte, asJSON bool) (all []metric.Sample, err error) {
	var req otlp.MetricsData
	if asJSON {
		err = protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(body, &req)
	} else {
		err = proto.Unmarshal(body, &req)
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "the body is no ExportMetricsServiceRequest")
	}
	for _, rm := range req.ResourceMetrics {
		base := map[string]string{}
		for _, a := range rm.GetResource().GetAttributes() {
			if telling[a.Key] {
				base[metric.Name(a.Key)] = cut(text(a.Value))
			}
		}
		for _, sm := range rm.ScopeMetrics {
			for _, m := range sm.Metrics {
				all = points(all, m, base)
				if len(all) > maxItems {
					return nil, fault.New(fault.TooLarge, "more than %d values in one call", maxItems)
				}
			}
		}
	}
	return all, nil
}

// telling are the attributes of a resource that tell one series from another.
var telling = map[string]bool{"service.name": true, "service.namespace": true, "service.instance.id": true, "host.name": true, "k8s.pod.name": true, "k8s.namespace.name": true, "deployment.environment": true, "deployment.environment.name": true}

func text(v *common.AnyValue) string {
	switch x := v.GetValue().(type) {
	case *common.AnyValue_StringValue:
		return x.StringValue
	case *common.AnyValue_BoolValue:
		return strconv.FormatBool(x.BoolValue)
	case *common.AnyValue_IntValue:
		return strconv.FormatInt(x.IntValue, 10)
	case *common.AnyValue_DoubleValue:
		return strconv.FormatFloat(x.DoubleValue, 'g', -1, 64)
	}
	return fmt.Sprint(v.GetValue())
}

// points turns a metric into samples: of histograms and summaries their counts and
// sums.
func points(all []metric.Sample, m *otlp.Metric, base map[string]string) []metric.Sample {
	name := metric.Name(m.Name)
	add := func(suffix string, kind metric.Kind, attrs []*common.KeyValue, at uint64, flags uint32, v float64) {
		const noValue = 1 // DataPointFlags
		if flags&noValue != 0 || math.IsNaN(v) {
			return
		}
		s := metric.Sample{Name: name + suffix, Kind: kind, Value: v, Labels: make(map[string]string, len(base)+len(attrs))}
		if at > 0 && at < math.MaxInt64 {
			s.At = time.Unix(0, int64(at)).UTC()
		}
		for k, val := range base {
			s.Labels[k] = val
		}
		for _, a := range attrs {
			s.Labels[metric.Name(a.Key)] = cut(text(a.Value))
		}
		all = append(all, s)
	}
	switch d := m.Data.(type) {
	case *otlp.Metric_Gauge:
		for _, p := range d.Gauge.DataPoints {
			add("", metric.Gauge, p.Attributes, p.TimeUnixNano, p.Flags, number(p))
		}
	case *otlp.Metric_Sum:
		kind := metric.Gauge
		if d.Sum.IsMonotonic {
			kind = growing(d.Sum.AggregationTemporality)
		}
		for _, p := range d.Sum.DataPoints {
			add("", kind, p.Attributes, p.TimeUnixNano, p.Flags, number(p))
		}
	case *otlp.Metric_Histogram:
		kind := growing(d.Histogram.AggregationTemporality)
		for _, p := range d.Histogram.DataPoints {
			add("_count", kind, p.Attributes, p.TimeUnixNano, p.Flags, float64(p.Count))
			add("_sum", kind, p.Attributes, p.TimeUnixNano, p.Flags, p.GetSum())
		}
	case *otlp.Metric_ExponentialHistogram:
		kind := growing(d.ExponentialHistogram.AggregationTemporality)
		for _, p := range d.ExponentialHistogram.DataPoints {
			add("_count", kind, p.Attributes, p.TimeUnixNano, p.Flags, float64(p.Count))
			add("_sum", kind, p.Attributes, p.TimeUnixNano, p.Flags, p.GetSum())
		}
	case *otlp.Metric_Summary:
		for _, p := range d.Summary.DataPoints {
			add("_count", metric.Counter, p.Attributes, p.TimeUnixNano, p.Flags, float64(p.Count))
			add("_sum", metric.Counter, p.Attributes, p.TimeUnixNano, p.Flags, p.Sum)
		}
	}
	return all
}

func growing(t otlp.AggregationTemporality) metric.Kind {
	if t == otlp.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA {
		return metric.Count
	}
	return metric.Counter
}

func number(p *otlp.NumberDataPoint) float64 {
	if v, ok := p.Value.(*otlp.NumberDataPoint_AsInt); ok {
		return float64(v.AsInt)
	}
	return p.GetAsDouble()
}
