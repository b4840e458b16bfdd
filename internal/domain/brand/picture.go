package brand

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"regexp"
	"strconv"
	"strings"

	"allclear/internal/base/fault"
)

// Picture is a logo or icon. Zero: there is none.
type Picture struct {
	Type string `json:"type"` // image/svg+xml or image/png
	Data []byte `json:"data"`
}

// The kinds of pictures.
const (
	SVG = "image/svg+xml"
	PNG = "image/png"
)

const (
	// MaxPicture is the size of a picture in bytes.
	MaxPicture = 64 << 10
	maxSide    = 2048 // pixels
	maxNodes   = 5000
	maxDepth   = 64
)

// Ext is the ending of the picture's address, "" when there is none.
func (p *Picture) Ext() string {
	switch p.Type {
	case SVG:
		return "svg"
	case PNG:
		return "png"
	}
	return ""
}

// Ratio is the picture's width for its height, 1 where it does not say.
func (p *Picture) Ratio() float64 {
	if p.Type == PNG {
		if c, err := png.DecodeConfig(bytes.NewReader(p.Data)); err == nil && c.Height > 0 {
			return float64(c.Width) / float64(c.Height)
		}
		return 1
	}
	m := svgBox.FindSubmatch(p.Data)
	if m == nil {
		return 1
	}
	w, err := strconv.ParseFloat(string(m[1]), 64)
	h, err2 := strconv.ParseFloat(string(m[2]), 64)
	if err != nil || err2 != nil || w <= 0 || h <= 0 {
		return 1
	}
	return w / h
}

var svgBox = regexp.MustCompile(`^<svg[^>]*\bviewBox="[^" ,]+[ ,]+[^" ,]+[ ,]+([0-9.]+)[ ,]+([0-9.]+)"`)

// clean leaves of the picture what draws it.
func (p *Picture) clean() (err error) {
	switch {
	case p.Type == "" && len(p.Data) == 0:
		return nil
	case len(p.Data) > MaxPicture:
		return fault.New(fault.Invalid, "is larger than %d KB", MaxPicture>>10)
	case p.Type == PNG:
		p.Data, err = cleanPNG(p.Data)
	case p.Type == SVG:
		p.Data, err = CleanSVG(p.Data)
	default:
		return fault.New(fault.Invalid, "must be of type %s or %s", SVG, PNG)
	}
	if err == nil && len(p.Data) > MaxPicture {
		return fault.New(fault.Invalid, "is larger than %d KB", MaxPicture>>10)
	}
	return err
}

// cleanPNG draws the picture anew: text, profiles and whatever follows the image
// stay behind.
func cleanPNG(b []byte) ([]byte, error) {
	c, err := png.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return nil, fault.New(fault.Invalid, "is no PNG picture")
	}
	if c.Width > maxSide || c.Height > maxSide {
		return nil, fault.New(fault.Invalid, "has a side of more than %d pixels", maxSide)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, fault.New(fault.Invalid, "is no whole PNG picture")
	}
	var out bytes.Buffer
	err = png.Encode(&out, img)
	return out.Bytes(), err
}

// What an SVG picture may consist of: shapes and their paint (SVG 1.1). No script,
// style sheet, animation, foreign content, or reference to anything outside.
var (
	svgElements = words(`svg g path rect circle ellipse line polyline polygon defs linearGradient radialGradient stop clipPath mask title desc`)
	svgAttrs    = words(`viewBox width height x y x1 y1 x2 y2 cx cy r rx ry fx fy d points transform fill fill-rule fill-opacity stroke stroke-width
		stroke-linecap stroke-linejoin stroke-miterlimit stroke-dasharray stroke-dashoffset stroke-opacity opacity clip-path clip-rule mask id offset stop-color
		stop-opacity gradientUnits gradientTransform spreadMethod clipPathUnits maskUnits maskContentUnits preserveAspectRatio color version href role`)
	svgValue = regexp.MustCompile(`^[^<>&"\\]*$`)
	svgRef   = regexp.MustCompile(`url\(\s*['"]?([^)]*)\)`)
)

const (
	svgSpace   = "http://www.w3.org/2000/svg"
	xlinkSpace = "http://www.w3.org/1999/xlink"
)

func words(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

// CleanSVG writes an SVG picture anew from the shapes that it knows. It leaves out
// what it does not know with all that is inside, and refuses what is no SVG.
func CleanSVG(b []byte) ([]byte, error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = true
	var out bytes.Buffer
	open, nodes := []string{}, 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "is no well-formed SVG picture")
		}
		if nodes++; nodes > maxNodes || len(open) > maxDepth {
			return nil, fault.New(fault.Invalid, "has more than %d parts or is nested too deeply", maxNodes)
		}
		switch t := t.(type) {
		case xml.StartElement:
			first := out.Len() == 0
			if first && t.Name.Local != "svg" {
				return nil, fault.New(fault.Invalid, "is no SVG picture")
			}
			if t.Name.Space != svgSpace && t.Name.Space != "" || !svgElements[t.Name.Local] || !first && len(open) == 0 {
				if err := d.Skip(); err != nil {
					return nil, fault.New(fault.Invalid, "is no well-formed SVG picture")
				}
				continue
			}
			start(&out, t, first)
			open = append(open, t.Name.Local)
		case xml.EndElement:
			out.WriteString("</" + open[len(open)-1] + ">")
			open = open[:len(open)-1]
		case xml.CharData:
			if n := len(open); n > 0 && (open[n-1] == "title" || open[n-1] == "desc") {
				_ = xml.EscapeText(&out, t) // a buffer does not fail
			}
		}
	}
	if out.Len() == 0 {
		return nil, fault.New(fault.Invalid, "is no SVG picture")
	}
	return out.Bytes(), nil
}

func start(out *bytes.Buffer, t xml.StartElement, first bool) {
	out.WriteString("<" + t.Name.Local)
	if first {
		out.WriteString(` xmlns="` + svgSpace + `"`)
	}
	for _, a := range t.Attr {
		if a.Name.Space != "" && a.Name.Space != xlinkSpace || !svgAttrs[a.Name.Local] || !svgValue.MatchString(a.Value) || !inside(a) {
			continue
		}
		out.WriteString(" " + a.Name.Local + `="` + a.Value + `"`)
	}
	out.WriteString(">")
}

// inside reports whether the attribute refers to nothing but the picture itself.
func inside(a xml.Attr) bool {
	v := strings.TrimSpace(a.Value)
	if a.Name.Local == "href" {
		return strings.HasPrefix(v, "#")
	}
	for _, m := range svgRef.FindAllStringSubmatch(v, -1) {
		if !strings.HasPrefix(strings.TrimSpace(m[1]), "#") {
			return false
		}
	}
	return strings.Count(strings.ToLower(v), "url") == len(svgRef.FindAllString(v, -1)) && !strings.Contains(strings.ToLower(v), "javascript:")
}
