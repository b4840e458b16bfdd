package page

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestBodyHTML(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                        "<p>plain</p>\n",
		"two\nlines":                   "<p>two<br>\nlines</p>\n",
		"# Big\n\n**b** *e* `c`":       "<h4>Big</h4>\n<p><strong>b</strong> <em>e</em> <code>c</code></p>\n",
		"see [x](https://a.test/?q=1)": `<p>see <a href="https://a.test/?q=1" rel="nofollow noreferrer">x</a></p>` + "\n",
		"[x](javascript:alert(1))":     "<p>x</p>\n",
		"[x](/incidents/1)":            "<p>x</p>\n",
		"![x](https://a.test/i.png)":   "<p></p>\n",
		"5 < 6 & 7":                    "<p>5 &lt; 6 &amp; 7</p>\n",
	} {
		if got := strings.ReplaceAll(bodyHTML(in), "<br/>", "<br>"); got != want {
			t.Errorf("bodyHTML(%q)\n got %q\nwant %q", in, got, want)
		}
	}
}

// FuzzBodyHTML parses what a browser would and allows only the safe subset.
func FuzzBodyHTML(f *testing.F) {
	for _, s := range []string{
		"<script>alert(1)</script>", "[a](javascript:alert(1))", "<img src=x onerror=alert(1)>", "<a href=\"JaVaScRiPt:x\">y</a>", "[x](data:text/html,<script>)",
		"<svg/onload=alert(1)>", "`<b>`", "![](\"onerror=\")", "<https://a.test/\"onclick=x>", "[x]: javascript:1\n[x]", "<!--stale-->", "</style><style>*{}", "&#106;avascript:x",
	} {
		f.Add(s)
	}
	allowed := strings.Fields("html head body p br strong em del code pre ul ol li blockquote h4 hr a")
	f.Fuzz(func(t *testing.T, body string) {
		out := bodyHTML(body)
		if strings.Contains(strings.ToLower(out), "<script") || strings.Contains(out, marker) {
			t.Fatalf("%q became %q", body, out)
		}
		walk(parse(t, out), func(n *html.Node) {
			if n.Type == html.CommentNode || n.Type == html.ElementNode && !slices.Contains(allowed, n.Data) {
				t.Fatalf("%q became %q with <%s>", body, out, n.Data)
			}
			rel := false
			for _, a := range n.Attr {
				v := strings.ToLower(strings.TrimSpace(a.Val))
				switch {
				case n.Data == "a" && a.Key == "href" && (strings.HasPrefix(v, "https:") || strings.HasPrefix(v, "http:") || strings.HasPrefix(v, "mailto:")):
				case n.Data == "a" && a.Key == "rel" && strings.Contains(v, "nofollow"):
					rel = true
				default:
					t.Fatalf("%q became %q with %s=%q", body, out, a.Key, a.Val)
				}
			}
			if n.Data == "a" && len(n.Attr) > 0 && !rel {
				t.Fatalf("%q became %q: a link that is followed", body, out)
			}
		})
	})
}
