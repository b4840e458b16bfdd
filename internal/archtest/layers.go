package archtest

import (
	"slices"
	"strings"
)

// place is where a package stands: its layer and, inside a layer, its unit (the
// folder below the layer: a flow, a plug-in, a table family).
type place struct {
	layer string
	unit  string // first folder below the layer, "" for the layer's own package
}

// locate reads a folder such as "internal/flow/paging". ok is false for folders
// that belong to no layer.
func locate(dir string) (place, bool) {
	parts := strings.Split(dir, "/")
	switch {
	case parts[0] == "cmd", parts[0] == "test", parts[0] == "procedures", parts[0] == "web", parts[0] == "docs":
		return place{layer: parts[0]}, true
	case parts[0] == "internal" && len(parts) > 1:
		p := place{layer: parts[1]}
		if len(parts) > 2 {
			p.unit = parts[2]
		}
		_, known := below[p.layer]
		return p, known
	}
	return place{}, false
}

// below lists, for each layer, the other layers it may import. What is not
// listed is refused; what happens inside one layer is said by sibling.
var below = map[string][]string{
	"base":     {},
	"domain":   {"base"},
	"store":    {"domain", "base"},
	"jobs":     {"store", "domain", "base"},
	"plug":     {"domain", "base"},
	"flow":     {"jobs", "store", "plug", "domain", "base"},
	"edge":     {"flow", "plug", "domain", "base"}, // not store: a read goes through a flow, which authorises it
	"app":      {"edge", "flow", "jobs", "plug", "store", "domain", "base", "procedures"},
	"cmd":      {"app", "domain", "base"},
	"archtest": {},
}

// embedded are folders that only carry data with go:embed; anyone may import them.
var embedded = []string{"procedures"}

// mayImport tells whether a package in folder from may import folder to, and
// when not, why. test is true for _test.go files, which may also use the
// fixtures of the layers they stand on.
func mayImport(from, to string, test bool) (bool, string) {
	a, ok := locate(from)
	if !ok {
		return false, from + " belongs to no layer of docs/architecture.md"
	}
	b, ok := locate(to)
	if !ok {
		return false, to + " belongs to no layer of docs/architecture.md"
	}
	if a.layer == "test" || slices.Contains(embedded, b.layer) {
		return true, ""
	}
	if fixture(b) && a.layer != b.layer {
		return test, "storetest and plugtest are for tests"
	}
	if a.layer == "edge" && test && b.unit == "" && (b.layer == "store" || b.layer == "jobs") {
		return true, "" // a test wires the flow that its edge stands on
	}
	if a.layer != b.layer {
		if !slices.Contains(below[a.layer], b.layer) {
			return false, a.layer + " may not import " + b.layer
		}
		if b.layer == "plug" && b.unit != "" && a.layer != "app" {
			return false, "only app knows a plug-in; " + a.layer + " knows the contract in internal/plug"
		}
		return true, ""
	}
	return sibling(a, b, test)
}

// sibling judges imports inside one layer.
func sibling(a, b place, test bool) (bool, string) {
	if a.unit == b.unit {
		return true, ""
	}
	switch a.layer {
	case "domain", "cmd", "app", "archtest":
		return true, ""
	case "base":
		return b.unit == "fault", "a leaf of base may use fault and no other leaf"
	case "store":
		return b.unit == "" || test || (a.unit == "" && b.unit == "schema") || a.unit == "storetest",
			"table families never import each other"
	case "plug":
		return b.unit == "" || (b.unit == "plugtest" && test),
			"a plug-in never imports another plug-in"
	case "jobs":
		return b.unit == "" || a.unit == "", "parts of jobs meet in internal/jobs"
	case "edge":
		return b.unit == "authn" || b.unit == "middleware",
			"edges share only authn and middleware"
	}
	return false, "a " + a.layer + " never imports another " + a.layer + ": they meet through the transaction, domain events and jobs"
}

func fixture(p place) bool { return p.unit == "storetest" || p.unit == "plugtest" }
