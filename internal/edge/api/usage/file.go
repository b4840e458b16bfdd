package usage

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/success"
)

// MaxFile is how long a file may be.
const MaxFile = 4 << 20

// shown is how many refused rows are listed.
const shown = 200

// FileInput names the customer and is the file.
type FileInput struct {
	ID      string `path:"id" maxLength:"64"`
	RawBody []byte `contentType:"text/csv" doc:"UTF-8, with a first line that names the columns metric, hour and value."`
}

// UsageImport is what became of a file.
type UsageImport struct {
	Taken   int           `json:"taken" doc:"Rows that are kept. The same file again changes nothing."`
	Refused int           `json:"refused"`
	Rows    []RefusedLine `json:"rows" doc:"What was wrong with the refused ones, the first 200."`
}

// RefusedLine is a row that was of no use.
type RefusedLine struct {
	Line int    `json:"line" doc:"Of the file, from 1."`
	What string `json:"what"`
}

// ImportAnswer is an answer of a file.
type ImportAnswer struct{ Body UsageImport }

// Import keeps the hours of a file.
func (d *Desk) Import(ctx context.Context, a authz.Actor, now time.Time, in *FileInput) (*ImportAnswer, error) {
	rows, err := readFile(in.RawBody)
	if err != nil {
		return nil, err
	}
	got, err := d.Flow.Import(ctx, a, in.ID, rows, now)
	if err != nil {
		return nil, err
	}
	return &ImportAnswer{Body: UsageImport{
		Taken: got.Taken, Refused: len(got.Refused),
		Rows: wire.Each(got.Refused[:min(len(got.Refused), shown)], func(u success.Unread) RefusedLine { return RefusedLine(u) }),
	}}, nil
}

// readFile reads the rows; a row that cannot be read says so and the others stand.
func readFile(body []byte) ([]success.Row, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	r.TrimLeadingSpace, r.ReuseRecord, r.FieldsPerRecord = true, true, -1
	head, err := r.Read()
	if err != nil {
		return nil, fault.New(fault.Invalid, "this is no CSV file").With("body", "needs a first line with the columns metric, hour and value")
	}
	at := map[string]int{}
	for i, name := range head {
		at[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range []string{"metric", "hour", "value"} {
		if _, ok := at[name]; !ok {
			return nil, fault.New(fault.Invalid, "a column is missing").With("body line 1", "there is no column "+name)
		}
	}
	width := len(head)
	var rows []success.Row
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if len(rows) == success.MaxRows {
			return nil, fault.New(fault.TooLarge, "the file has more than %d rows", success.MaxRows)
		}
		var torn *csv.ParseError
		switch {
		case errors.As(err, &torn):
			rows = append(rows, success.Row{Line: torn.StartLine, Problem: torn.Err.Error()})
		case err != nil:
			return nil, fault.Wrap(fault.Invalid, err, "read the file")
		default:
			line, _ := r.FieldPos(0)
			rows = append(rows, row(line, fields, width, at))
		}
	}
}

func row(line int, fields []string, width int, at map[string]int) success.Row {
	out := success.Row{Line: line}
	if len(fields) != width {
		out.Problem = fmt.Sprintf("has %d columns instead of %d", len(fields), width)
		return out
	}
	out.Metric = strings.TrimSpace(fields[at["metric"]])
	var err error
	if out.At, err = hour(strings.TrimSpace(fields[at["hour"]])); err != nil {
		out.Problem = "hour must be an instant such as 2026-03-02T14:00:00Z"
		return out
	}
	if out.Value, err = strconv.ParseFloat(strings.TrimSpace(fields[at["value"]]), 64); err != nil {
		out.Problem = "value must be a number"
	}
	return out
}

// hour reads an instant as spreadsheets write it too; without a zone it is UTC.
func hour(text string) (t time.Time, err error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err = time.Parse(layout, text); err == nil {
			break
		}
	}
	return t, err
}
