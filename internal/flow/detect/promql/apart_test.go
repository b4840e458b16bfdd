package promql

import (
	"slices"
	"testing"
)

func TestApart(t *testing.T) {
	for query, want := range map[string]struct {
		names []string
		ok    bool
	}{
		"avg_over_time(a[10m]) / avg_over_time(a[7d] offset 1h)":        {[]string{"a"}, true},
		"sum by (service) (rate(a[5m])) / sum by (service, region) (b)": {[]string{"a", "b"}, true},
		"sum without (host) (a) > 3":                                    {[]string{"a"}, true},
		`{__name__="a",service=~"x|y"} * 2`:                             {[]string{"a"}, true},
		`{__name__=~"a.*"}`:                                             {nil, true},
		"a / on(service) b":                                             {[]string{"a", "b"}, true},
		"a / ignoring(host) b":                                          {[]string{"a", "b"}, true},
		"a > on() group_left sum(b)":                                    {[]string{"a", "b"}, false},
		"a / ignoring(service) b":                                       {[]string{"a", "b"}, false},
		"sum(a)":                                                        {[]string{"a"}, false},
		"sum without (service) (a)":                                     {[]string{"a"}, false},
		"topk(3, a)":                                                    {[]string{"a"}, false},
		`label_replace(a, "service", "x", "", "")`:                      {[]string{"a"}, false},
		"a > scalar(sum by (service) (b))":                              {[]string{"a", "b"}, false},
		"a unless b":                                                    {[]string{"a", "b"}, true},
		"absent(a)":                                                     {[]string{"a"}, false},
		"a{":                                                            {nil, false},
		"quantile_over_time(0.9, a[1h:5m]) > 2 * a offset 1w ": {[]string{"a"}, true},
	} {
		names, ok := Apart(query)
		if ok != want.ok || want.ok && !slices.Equal(names, want.names) {
			t.Errorf("%s: %v %v, want %+v", query, names, ok, want)
		}
	}
}
