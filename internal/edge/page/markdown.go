package page

import (
	"bytes"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown reads the subset a body may use. A single line break stays one, as
// in the plain text that people paste; raw HTML is dropped by goldmark and,
// would it ever pass, by the policy below.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.Linkify, extension.Strikethrough),
	goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(levelHeadings{}, 100))),
	goldmark.WithRendererOptions(html.WithHardWraps()),
)

// levelHeadings puts every heading of a body below the page's own.
type levelHeadings struct{}

func (levelHeadings) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if h, ok := n.(*ast.Heading); ok && entering {
			h.Level = 4
		}
		return ast.WalkContinue, nil
	})
}

var policy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "del", "code", "pre", "ul", "ol", "li", "blockquote", "h4", "hr")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("https", "http", "mailto")
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	return p
}()

// bodyHTML draws the text of an update: a few safe elements, links that pass
// on neither rank nor referrer, nothing else.
func bodyHTML(body string) string {
	var buf bytes.Buffer
	if err := markdown.Convert([]byte(body), &buf); err != nil {
		// Writing to memory does not fail; should it, the text is still safe.
		return policy.Sanitize(body)
	}
	return string(policy.SanitizeBytes(buf.Bytes()))
}
