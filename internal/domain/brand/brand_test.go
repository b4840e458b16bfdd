package brand

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"allclear/internal/base/fault"
)

// WCAG 2.2 gives 21 for black on white; the others are from its formula.
func TestContrast(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#777777", "#ffffff", 4.48}, {"#767676", "#ffffff", 4.54}, {"#ffffff", "#ffffff", 1}, {"red", "#ffffff", 0}} {
		if got := Contrast(c.a, c.b); math.Abs(got-c.want) > 0.01 || got != Contrast(c.b, c.a) {
			t.Errorf("%s on %s: %.3f, want %.2f", c.a, c.b, got, c.want)
		}
	}
}

func TestBrandIsRefusedWithTheReason(t *testing.T) {
	good := Brand{
		Name: "Acme", Accent: "#1f51c0", AccentDark: "#93b5ff", Band: "#12324a", BandText: "#ffffff", Support: "https://help.example/x", Footer: "Acme Ltd\nLondon",
		Languages: []string{"fr", "de"}, Language: "de",
	}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	if got := good.Speaks(); !slices.Equal(got, []string{"de", "fr"}) {
		t.Errorf("speaks %v", got)
	}
	for where, c := range map[string]struct {
		change func(*Brand)
		says   string
	}{
		"/accent":      {func(b *Brand) { b.Accent = "#8fb4ff" }, "has a contrast of 2.0 to 1 on #ffffff; text needs 4.5"},
		"/accent_dark": {func(b *Brand) { b.AccentDark = "#333333" }, "on #121316; text needs 4.5"},
		"/band_text":   {func(b *Brand) { b.Band, b.BandText = "#777777", "#ffffff" }, "has a contrast of 4.4 to 1 on #777777"},
		"/band":        {func(b *Brand) { b.Band = "navy" }, "must be a colour such as"},
		"/support":     {func(b *Brand) { b.Support = "javascript:alert(1)" }, "https: or mailto:"},
		"/languages/1": {func(b *Brand) { b.Languages = []string{"de", "xx"} }, "must be one of en, de, fr, es"},
		"/language":    {func(b *Brand) { b.Language = "es" }, "must be one that is offered"},
		"/name":        {func(b *Brand) { b.Name = "two\nlines" }, "one line"},
		"/footer":      {func(b *Brand) { b.Footer = strings.Repeat("x", maxFooter+1) }, "up to 1000 bytes"},
		"/logo":        {func(b *Brand) { b.Logo = Picture{Type: SVG, Data: []byte("<html/>")} }, "is no SVG picture"},
		"/favicon":     {func(b *Brand) { b.Favicon = Picture{Type: "image/gif", Data: []byte("GIF89a")} }, "must be of type"},
	} {
		b := good
		c.change(&b)
		err := b.Check()
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || !slices.ContainsFunc(f.Details, func(d fault.Detail) bool { return d.Where == where && strings.Contains(d.What, c.says) }) {
			t.Errorf("%s: %v", where, err)
		}
	}
}

func TestPicturesAreCleaned(t *testing.T) {
	bad := `<?xml version="1.0"?><!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 8 8" onload="alert(1)">
<script>alert(2)</script><style>@import url(https://evil.example/x)</style><title>Acme &amp; Co</title><foreignObject><body xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>
<image xlink:href="https://evil.example/p.png"/><a xlink:href="javascript:alert(3)"><rect width="1"/></a><path d="M0 0h8v8z" fill="url(#g)" style="x"/><path d="M1 1" fill="url(https://evil.example/f)"/><animate attributeName="href"/>
<defs><linearGradient id="g" xlink:href="#h"><stop offset="0" stop-color="#fff"/></linearGradient></defs></svg>`
	b := Brand{Logo: Picture{Type: SVG, Data: []byte(bad)}}
	if err := b.Check(); err != nil {
		t.Fatal(err)
	}
	want := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><title>Acme &amp; Co</title><path d="M0 0h8v8z" fill="url(#g)"></path><path d="M1 1"></path><defs><linearGradient id="g" href="#h"><stop offset="0" stop-color="#fff"></stop></linearGradient></defs></svg>`
	if r := b.Logo.Ratio(); r != 1 {
		t.Errorf("ratio %v", r)
	}
	if r := (&Picture{Type: SVG, Data: []byte(`<svg xmlns="x" viewBox="0 0 120 32">`)}).Ratio(); r != 3.75 {
		t.Errorf("ratio %v", r)
	}
	if got := string(b.Logo.Data); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	img := image.NewRGBA(image.Rect(0, 0, 4, 4))
	img.Set(1, 1, color.White)
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		t.Fatal(err)
	}
	p := Brand{Favicon: Picture{Type: PNG, Data: append(buf.Bytes(), "<script>hidden</script>"...)}}
	if err := p.Check(); err != nil || bytes.Contains(p.Favicon.Data, []byte("script")) {
		t.Errorf("%v: %q", err, p.Favicon.Data)
	}
	for name, p := range map[string]Picture{
		"large": {Type: SVG, Data: bytes.Repeat([]byte("x"), MaxPicture+1)}, "broken": {Type: SVG, Data: []byte("<svg><g></svg>")}, "no picture": {Type: PNG, Data: []byte("nothing")}, "empty": {Type: SVG},
	} {
		if err := p.clean(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever comes in, what goes out is well-formed, made of known parts, and cleaning
// it again changes nothing.
func FuzzCleanSVG(f *testing.F) {
	f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0" fill="URL( 'x' )"/></svg>`))
	f.Add([]byte(`<svg><title>a]]&gt;b</title><script/></svg><svg/>`))
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := CleanSVG(in)
		if err != nil {
			return
		}
		d := xml.NewDecoder(bytes.NewReader(out))
		for {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%q became %q: %v", in, out, err)
			}
			if s, ok := tok.(xml.StartElement); ok && !svgElements[s.Name.Local] {
				t.Fatalf("%q has %s", out, s.Name.Local)
			}
		}
		if again, err := CleanSVG(out); err != nil || !bytes.Equal(again, out) {
			t.Fatalf("%q became %q: %v", out, again, err)
		}
	})
}
