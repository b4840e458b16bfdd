package page

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"html/template"
	"strings"

	"allclear/internal/domain/brand"
	"allclear/internal/domain/status"
)

// policyFor allows the one inline style sheet by its digest and the page's own
// pictures; no script, frame, form or foreign thing. Nothing of the page connects:
// its own origin is allowed so that what audits it in a browser can read /robots.txt.
func policyFor(style string) []string {
	sum := sha256.Sum256([]byte(style))
	return []string{"default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
}

// brandCSS is what the company's colours change. Each was checked for contrast when
// it was chosen; what is no colour, in a file that somebody edited, is left out.
func brandCSS(b *brand.Brand) string {
	var sb strings.Builder
	set := func(before, colour, after string) {
		if brand.IsColour(colour) {
			sb.WriteString(before + colour + after + "\n")
		}
	}
	set(":root{--accent:", b.Accent, "}")
	set("@media(prefers-color-scheme:dark){:root{--accent:", b.AccentDark, "}}")
	if brand.IsColour(b.Band) && brand.IsColour(b.BandText) {
		sb.WriteString(".mast{background:" + b.Band + "}.mast>.page{padding-top:14px;padding-bottom:14px}.mast .brand,.mast nav a,.mast nav .btn{color:" + b.BandText + "}\n" +
			".mast nav .btn{background:transparent;border-color:color-mix(in srgb," + b.BandText + " 45%,transparent)}.mast a:focus-visible{outline-color:" + b.BandText + "}\n")
	}
	return sb.String()
}

// icon is a picture of the page with its address.
type picture struct{ Type, Path string }

// favicon is the company's, or a dot in the colour of the indicator.
func (b *builder) favicon() picture {
	if p := pictured("/favicon-", &b.snap.Page.Brand.Favicon); p.Path != "" {
		return p
	}
	return picture{brand.SVG, "/favicon.svg"}
}

// logo is the company's, at the height of a line.
type logo struct {
	Path          string
	Width, Height int
}

const logoHeight = 32

func (b *builder) logo() *logo {
	p := &b.snap.Page.Brand.Logo
	at := pictured("/logo-", p)
	if at.Path == "" {
		return nil
	}
	return &logo{b.private + at.Path, int(logoHeight * min(p.Ratio(), maxRatio)), logoHeight}
}

// maxRatio is how wide a logo is drawn for its height.
const maxRatio = 7.5

// pictured has the digest of the picture in its address, so that another one is
// seen at once.
func pictured(prefix string, p *brand.Picture) picture {
	if len(p.Data) == 0 || p.Ext() == "" {
		return picture{}
	}
	sum := sha256.Sum256(p.Data)
	return picture{p.Type, prefix + hex.EncodeToString(sum[:6]) + "." + p.Ext()}
}

// pictureCSP lets a picture that is opened by itself do nothing.
var pictureCSP = []string{"default-src 'none'; sandbox"}

func (b *builder) pictures() {
	b.put("/robots.txt", newAsset("text/plain; charset=utf-8", []byte("User-agent: *\nAllow: /\n"), nil))
	ind, _ := b.snap.Indicator()
	b.put("/favicon.svg", newAsset(brand.SVG, dot(ind), pictureCSP))
	look := &b.snap.Page.Brand
	for prefix, p := range map[string]*brand.Picture{"/logo-": &look.Logo, "/favicon-": &look.Favicon} {
		if at := pictured(prefix, p); at.Path != "" {
			a := newAsset(p.Type, p.Data, pictureCSP)
			a.lasting = true
			b.put(at.Path, a)
		}
	}
}

// dot is the page's icon in the colour of its indicator.
func dot(i status.Indicator) []byte {
	colour := map[status.Indicator]string{
		status.None: "#2a9550", status.Maintaining: "#3667d6", status.Minor: "#c27400", status.Major: "#d0571f", status.Critical: "#cf3030",
	}[i]
	return []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="` + colour + `"/></svg>`)
}

// icon names one of the symbols of the layout; the word beside it carries the
// meaning for those who do not see it.
func icon(state any) template.HTML {
	name := "ok"
	switch state {
	case status.UnderMaintenance, status.Maintaining, status.Scheduled, status.InProgress, status.Verifying:
		name = "work"
	case status.DegradedPerformance, status.Minor, status.ImpactMinor:
		name = "slow"
	case status.PartialOutage, status.Major, status.ImpactMajor:
		name = "part"
	case status.MajorOutage, status.Critical, status.ImpactCritical:
		name = "down"
	}
	return template.HTML(`<svg class="ic" aria-hidden="true"><use href="#i-` + name + `"/></svg>`) //nolint:gosec // constant names
}
