package telemetry

import (
	"math"
	"net/http"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/metric"
	"allclear/internal/plug"
)

// maxItems is how many samples a call may carry.
const maxItems = 20_000

// json takes one sample, an array of them, or {"samples": [...]}. A sample:
// metric, value, and optionally labels, service (with an API token), kind (gauge,
// counter: a total that grows, count: since the sample before) and at (RFC 3339 or
// seconds or milliseconds since 1970).
func (c *call) json() error {
	all, err := ReadJSON(c.body)
	if err != nil {
		return err
	}
	if err := c.keep(all); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// ReadJSON decodes samples as json takes them.
func ReadJSON(body []byte) ([]metric.Sample, error) {
	var all []metric.Sample
	j := plug.ReadJSON(body)
	item := func(int) {
		var s metric.Sample
		if !j.Object(func(name []byte) { field(j, &s, string(name)) }) {
			j.Fail("must be an object")
		}
		all = append(all, s)
	}
	if j.Kind() == '[' {
		j.Array(maxItems, item)
		return all, done(j, all)
	}
	var one metric.Sample
	listed := false
	if !j.Object(func(name []byte) {
		if string(name) == "samples" {
			listed = j.Array(maxItems, item)
			return
		}
		field(j, &one, string(name))
	}) {
		j.Fail("must be an object or an array of samples")
	}
	if !listed && one.Name != "" {
		all = append(all, one)
	}
	return all, done(j, all)
}

func done(j *plug.JSON, all []metric.Sample) error {
	if err := j.End(); err != nil {
		return err
	}
	if len(all) == 0 {
		return fault.New(fault.Invalid, "there are no samples in the body").With("/samples", `must be an array of objects such as {"metric": "queue_depth", "value": 12}`)
	}
	return nil
}

func field(j *plug.JSON, s *metric.Sample, name string) {
	switch name {
	case "metric", "name":
		s.Name = metric.Name(j.Text())
	case "service":
		s.Service = j.Text()
	case "value":
		if j.Kind() != '0' {
			j.Fail("must be a number")
			return
		}
		s.Value = j.Number()
	case "labels":
		labels := map[string]string{}
		j.Object(func(k []byte) {
			key := metric.Name(string(k))
			labels[key] = j.Text()
		})
		s.Labels = labels
	case "kind":
		switch j.Text() {
		case "", "gauge":
		case "counter":
			s.Kind = metric.Counter
		case "count":
			s.Kind = metric.Count
		default:
			j.Fail("must be gauge, counter or count")
		}
	case "at", "time", "timestamp":
		if j.Kind() == '0' {
			s.At = epoch(j.Number())
			return
		}
		s.At = j.Time()
	}
}

// epoch reads seconds, or milliseconds where they would be far in the future.
func epoch(v float64) time.Time {
	const millis = 1e11
	if v > millis {
		v /= 1000
	}
	sec, frac := math.Modf(v)
	return time.Unix(int64(sec), int64(frac*1e9)).UTC()
}
