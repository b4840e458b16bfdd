package hooks

import (
	"regexp"
	"strconv"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
)

// maxFilter bounds one filter of a query, in bytes.
const maxFilter = 2048

// matcherShape is a label's name, plain or in quotes, an operator and a value,
// as amtool sends them and PromQL writes them.
var matcherShape = regexp.MustCompile(`^\s*(?:([a-zA-Z_:][a-zA-Z0-9_:]*)|("(?:[^"\\]|\\.)*"))\s*(=~|!~|!=|=)\s*((?s:.*?))\s*$`)

// parseMatchers reads the filters of a query, each one matcher, with or
// without braces around it.
func parseMatchers(filters []string) ([]alert.Matcher, error) {
	const most = 64
	if len(filters) > most {
		return nil, fault.New(fault.Invalid, "more than %d filters", most)
	}
	out := make([]alert.Matcher, 0, len(filters))
	for _, f := range filters {
		m, err := parseMatcher(f)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

func parseMatcher(text string) (m alert.Matcher, err error) {
	bad := fault.New(fault.Invalid, "bad matcher format: %s", strconv.Quote(text[:min(len(text), 100)]))
	if len(text) > maxFilter {
		return m, bad
	}
	inner := strings.TrimSpace(text)
	if strings.HasPrefix(inner, "{") && strings.HasSuffix(inner, "}") {
		inner = strings.TrimSuffix(strings.TrimSpace(inner[1:len(inner)-1]), ",")
	}
	g := matcherShape.FindStringSubmatch(inner)
	if g == nil {
		return m, bad
	}
	m.Name, m.Value = g[1], g[4]
	if g[2] != "" {
		if m.Name, err = strconv.Unquote(g[2]); err != nil {
			return m, bad
		}
	}
	m.Regex, m.Not = strings.Contains(g[3], "~"), g[3][0] == '!'
	if m.Value, err = unquote(m.Value); err != nil {
		return m, bad
	}
	return m, m.Check()
}

// unquote reads a value with or without quotes. Inside, \" \n and \\ are
// escapes; any other backslash stands for itself, as regular expressions need.
func unquote(v string) (string, error) {
	if strings.HasPrefix(v, `"`) {
		if len(v) < 2 || !strings.HasSuffix(v, `"`) {
			return "", strconv.ErrSyntax
		}
		v = v[1 : len(v)-1]
	}
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '"':
			return "", strconv.ErrSyntax
		case c == '\\' && i+1 < len(v) && strings.IndexByte(`"\n`, v[i+1]) >= 0:
			i++
			if c = v[i]; c == 'n' {
				c = '\n'
			}
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}
