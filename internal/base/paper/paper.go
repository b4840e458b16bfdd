// Package paper sets a short text as a PDF of A4: what is sent to people who keep
// documents and not mails (FUP-FU-EXEC). It must not know what the text is about.
package paper

import (
	"bytes"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"

	"allclear/internal/base/fault"
)

// MaxText is the longest text that is set, in bytes.
const MaxText = 50_000

// Sizes of the text, in points: the largest with which all of it stands on one page. What
// is too long for the smallest goes on over several.
var sizes = []float64{11, 10, 9, 8}

const margin = 22 // millimetres

// Sheet is a text with a title. Paragraphs are parted by an empty line.
type Sheet struct {
	Title string
	Text  string
	Foot  string    // one line below each page
	At    time.Time // when it was written, UTC: the same sheet is the same file
}

// PDF sets the sheet. Letters beyond the Basic Multilingual Plane, which the font does
// not have, become question marks.
func (s Sheet) PDF() ([]byte, error) {
	if len(s.Title)+len(s.Text)+len(s.Foot) > MaxText {
		return nil, fault.New(fault.TooLarge, "a document may have %d bytes of text", MaxText)
	}
	s.Title, s.Text, s.Foot = plain(s.Title), plain(s.Text), plain(s.Foot)
	var doc *fpdf.Fpdf
	for _, size := range sizes {
		if doc = s.set(size); doc.PageNo() == 1 {
			break
		}
	}
	var out bytes.Buffer
	err := doc.Output(&out)
	return out.Bytes(), err
}

func (s Sheet) set(size float64) *fpdf.Fpdf {
	doc := fpdf.New("P", "mm", "A4", "")
	doc.SetCatalogSort(true)
	doc.SetCreationDate(s.At.UTC())
	doc.SetModificationDate(s.At.UTC())
	doc.SetTitle(s.Title, true)
	doc.SetMargins(margin, margin, margin)
	doc.SetAutoPageBreak(true, margin)
	doc.AddUTF8FontFromBytes("go", "", goregular.TTF)
	doc.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	doc.SetFooterFunc(func() {
		doc.SetY(-margin + 6)
		doc.SetFont("go", "", 8)
		doc.SetTextColor(90, 90, 90)
		doc.CellFormat(0, 4, s.Foot, "", 0, "L", false, 0, "")
		doc.SetTextColor(0, 0, 0)
	})
	doc.AddPage()
	doc.SetFont("go", "B", size+6)
	doc.MultiCell(0, (size+6)*0.48, s.Title, "", "L", false)
	doc.Ln(5)
	doc.SetFont("go", "", size)
	for _, p := range strings.Split(s.Text, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			doc.MultiCell(0, size*0.5, p, "", "L", false)
			doc.Ln(size * 0.25)
		}
	}
	return doc
}

// plain leaves what the font can set, and line ends.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return -1
		case r > 0xffff || r == unicode.ReplacementChar:
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}
