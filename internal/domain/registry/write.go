package registry

import (
	"bytes"
	"encoding/csv"
	"strings"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/sheet"
)

// Write writes customers as a table that ReadCSV reads again: a line for each
// contact. Text that a spreadsheet would calculate is guarded.
func Write(customers []catalog.Customer) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	if err := w.Write(Columns()); err != nil {
		return nil, err
	}
	for i := range customers {
		for _, row := range rows(&customers[i]) {
			if err := w.Write(sheet.Row(row...)); err != nil {
				return nil, err
			}
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

func rows(c *catalog.Customer) [][]string {
	first := make([]string, 0, len(columns)+len(contactColumns))
	for i := range columns {
		first = append(first, columns[i].get(c))
	}
	if len(c.Contacts) == 0 {
		return [][]string{append(first, "", "", "", "")}
	}
	var out [][]string
	for i, k := range c.Contacts {
		row := first
		if i > 0 {
			row = make([]string, len(columns), cap(first))
			row[0], row[1] = c.External, c.ID
		}
		out = append(out, append(row, k.Name, k.Email, k.Phone, strings.Join(k.Channels, separator)))
	}
	return out
}
