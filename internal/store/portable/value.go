package portable

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// A row is a JSON array. Integers, texts, booleans and null are themselves;
// bytes, fractions and texts that are not UTF-8 are objects that say so.

// encode appends a row and a line's end.
func encode(b []byte, row []any) ([]byte, error) {
	b = append(b, '[')
	for i, v := range row {
		if i > 0 {
			b = append(b, ',')
		}
		switch v := v.(type) {
		case nil:
			b = append(b, "null"...)
		case int64:
			b = strconv.AppendInt(b, v, 10)
		case bool:
			b = strconv.AppendBool(b, v)
		case float64:
			b = append(b, `{"f":"`...)
			b = append(strconv.AppendFloat(b, v, 'g', -1, 64), `"}`...)
		case []byte:
			b = encoded(b, "b", v)
		case string:
			if !utf8.ValidString(v) {
				b = encoded(b, "t", []byte(v))
				break
			}
			text, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			b = append(b, text...)
		default:
			return nil, fmt.Errorf("a value of type %T has no form in a backup", v)
		}
	}
	return append(b, ']', '\n'), nil
}

func encoded(b []byte, kind string, v []byte) []byte {
	b = append(b, `{"`+kind+`":"`...)
	b = base64.StdEncoding.AppendEncode(b, v)
	return append(b, `"}`...)
}

// decode reads what encode wrote.
func decode(line []byte, columns int) ([]any, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var row []any
	if err := d.Decode(&row); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("something after a row")
	}
	if len(row) != columns {
		return nil, fmt.Errorf("a row of %d values, want %d", len(row), columns)
	}
	for i, v := range row {
		var err error
		switch v := v.(type) {
		case json.Number:
			row[i], err = v.Int64()
		case map[string]any:
			row[i], err = special(v)
		case []any:
			err = fmt.Errorf("a list where a value should be")
		}
		if err != nil {
			return nil, err
		}
	}
	return row, nil
}

func special(v map[string]any) (any, error) {
	for kind, inner := range v {
		text, ok := inner.(string)
		if len(v) != 1 || !ok {
			break
		}
		switch kind {
		case "f":
			return strconv.ParseFloat(text, 64)
		case "b":
			b, err := base64.StdEncoding.DecodeString(text)
			if b == nil {
				b = []byte{} // empty is not NULL
			}
			return b, err
		case "t":
			b, err := base64.StdEncoding.DecodeString(text)
			return string(b), err
		}
	}
	return nil, fmt.Errorf("a value of no known form")
}
