package promql

import (
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"

	"allclear/internal/domain/metric"
)

// value is a point in the engine's form.
type value struct {
	t int64
	v float64
}

func (value) ST() int64                     { return 0 }
func (s value) T() int64                    { return s.t }
func (s value) F() float64                  { return s.v }
func (value) H() *histogram.Histogram       { return nil }
func (value) FH() *histogram.FloatHistogram { return nil }
func (value) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (s value) Copy() chunks.Sample         { return s }

func floats(points []metric.Point) []chunks.Sample {
	out := make([]chunks.Sample, len(points))
	for i, p := range points {
		out[i] = value{p.At.UnixMilli(), p.Value}
	}
	return out
}
