package alertmanager

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// FNV-1a, 64 bits.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
	separator = 0xff // stands in no UTF-8 text
)

// fingerprint is Prometheus' identity of a label set, as 16 hexadecimal digits:
// FNV-1a over the labels in order of their names (prometheus/common, package
// model, labelSetToFingerprint). It is computed here, also where the sender
// gives one, so that both ways in agree.
func fingerprint(labels map[string]string) string {
	h := uint64(fnvOffset)
	add := func(s string) {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * fnvPrime
		}
		h = (h ^ separator) * fnvPrime
	}
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		add(name)
		add(labels[name])
	}
	return fmt.Sprintf("%016x", h)
}

// labelText writes a label set as Prometheus does.
func labelText(labels map[string]string) string {
	parts := make([]string, 0, len(labels))
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, fmt.Sprintf("%s=%q", name, labels[name]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
