package plug

import (
	"maps"
	"regexp"
	"strings"
)

// Keep copies what is there of these members, to be kept as details; nil for
// nothing.
func (d Doc) Keep(names ...string) map[string]any {
	var out map[string]any
	for _, n := range names {
		v := d.At(n).v
		if v == nil || v == "" {
			continue
		}
		if out == nil {
			out = make(map[string]any, len(names))
		}
		out[n] = v
	}
	return out
}

// Without copies an object's members but these, to be kept as details.
func (d Doc) Without(names ...string) map[string]any {
	m, _ := d.v.(map[string]any)
	out := make(map[string]any, len(m))
	maps.Copy(out, m)
	for _, n := range names {
		delete(out, n)
	}
	return out
}

// Over is the object with the members of another one put over its own.
func (d Doc) Over(other Doc) Doc {
	out := d.Without()
	m, _ := other.v.(map[string]any)
	maps.Copy(out, m)
	return Doc{out}
}

// Fold is the object under plain names: lower case without separators, and with
// the names of objects in front of those inside them, so that "HOST.NAME",
// "host_name" and {"host":{"name":..}} are all "hostname". Prefixes are taken off.
func (d Doc) Fold(prefixes ...string) Doc {
	const deepest = 3
	out := map[string]any{}
	d.fold(out, "", deepest, prefixes)
	return Doc{out}
}

func (d Doc) fold(out map[string]any, before string, depth int, prefixes []string) {
	m, _ := d.v.(map[string]any)
	for k, v := range m {
		name := simple.Replace(strings.ToLower(k))
		for _, p := range prefixes {
			if rest, ok := strings.CutPrefix(name, p); ok && rest != "" && before == "" {
				name = rest
			}
		}
		in := Doc{v}
		if in.IsObject() && depth > 0 {
			in.fold(out, before+name, depth-1, prefixes)
			continue
		}
		name = before + name
		// Of two spellings the one that says something counts, then the smaller: a
		// map has no order, and the same payload must give the same alert.
		was, now := Doc{out[name]}.Text(), in.Text()
		if _, taken := out[name]; !taken || now != "" && (was == "" || now < was) {
			out[name] = v
		}
	}
}

// Labels writes texts of members as labels; empty ones are left out.
func (d Doc) Labels(into map[string]string, names ...string) map[string]string {
	for _, n := range names {
		into = AddLabel(into, n, d.Text(n))
	}
	return into
}

// AddLabel sets a label unless it says nothing.
func AddLabel(into map[string]string, name, value string) map[string]string {
	name, value = Line(name, MaxWord), Line(value, MaxWord)
	if name == "" || value == "" {
		return into
	}
	if into == nil {
		into = make(map[string]string, 8)
	}
	into[name] = value
	return into
}

// Tags reads "key:value" words as labels; a word without a colon is a label
// without a value.
func Tags(words []string) map[string]string {
	var out map[string]string
	for _, w := range words {
		k, v, _ := strings.Cut(w, ":")
		if k = strings.TrimSpace(k); k == "" {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[k] = strings.TrimSpace(v)
	}
	return out
}

// unfilled reports a template that was sent instead of its value: $ALERT_ID,
// $TAGS[service], $host.name$, ${alert.id}, {{alert.id}}, {EVENT.ID} with or
// without a function, {$MACRO} and Zabbix's *UNKNOWN*. A word such as $http is no
// template, and neither is one in the middle of a text.
func unfilled(s string) bool {
	return len(s) > 2 && (s[0] == '$' || s[0] == '{' || s[0] == '*') && template.MatchString(s)
}

var template = regexp.MustCompile(`^(\$[A-Z_][A-Z0-9_.]*(\[[^\]]*\])?|\$[A-Za-z_][A-Za-z0-9_.]*\$|\$\{[^{}\s]*\}|\{\{[^{}]*\}\}|\{[$#]?[A-Z][A-Z0-9_.]*(:[^{}]*)?\}|\*UNKNOWN\*)$`)

// First is the first text that is not empty.
func First(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}
