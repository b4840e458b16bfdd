package subscribe

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/domain/sheet"
	"allclear/internal/domain/subscription"
)

// line is one subscriber of an import.
type line struct {
	line    int
	channel subscription.Channel
	address string
	subscription.Choice
}

// names are the columns under which an address stands, and what it is then.
var names = map[string]subscription.Channel{
	"address": "", "email": subscription.Email, "phone": subscription.SMS, "phone_number": subscription.SMS, "endpoint": subscription.Webhook, "url": subscription.Webhook,
}

// readImport reads CSV with a header.
func readImport(from io.Reader) (out []line, err error) {
	r := csv.NewReader(from)
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	head, err := r.Read()
	if err != nil {
		return nil, fault.New(fault.Invalid, "read the import: it has no header").With("body", "begin with a line such as channel,address")
	}
	for i, h := range head {
		head[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")))
	}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "read the import: %s", err).With("body", "want CSV as in RFC 4180")
		}
		if len(out) == maxImport {
			return nil, fault.New(fault.TooLarge, "read the import: at most %d lines at once", maxImport)
		}
		n, _ := r.FieldPos(0)
		out = append(out, readLine(n, head, cells))
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "read the import: it has no lines").With("body", "write one subscriber a line")
	}
	return out, nil
}

func readLine(n int, head, cells []string) line {
	l := line{line: n, channel: subscription.Email}
	for i, h := range head {
		if i >= len(cells) {
			break
		}
		v := sheet.Plain(strings.TrimSpace(cells[i]))
		if v == "" {
			continue
		}
		switch h {
		case "channel", "mode":
			l.channel = subscription.Channel(strings.ToLower(v))
		case "components":
			l.Components = strings.Fields(v)
		case "kinds":
			for _, k := range strings.Fields(v) {
				l.Kinds = append(l.Kinds, subscription.Kind(k))
			}
		case "language":
			l.Lang = v
		default:
			if c, ok := names[h]; ok && l.address == "" {
				l.address = v
				if c != "" {
					l.channel = c
				}
			}
		}
	}
	return l
}
