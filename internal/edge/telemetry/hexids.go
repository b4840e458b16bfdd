package telemetry

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
)

// hexIDs writes the ids of spans as JSON of protocol buffers has bytes: in base64.
func hexIDs(body []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var doc any
	if err := d.Decode(&doc); err != nil {
		return nil, err
	}
	const deepest = 32
	walkIDs(doc, deepest)
	return json.Marshal(doc)
}

func walkIDs(v any, depth int) {
	if depth == 0 {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			walkIDs(x, depth-1)
		}
	case map[string]any:
		for k, x := range v {
			if k != "traceId" && k != "spanId" && k != "parentSpanId" {
				walkIDs(x, depth-1)
				continue
			}
			s, _ := x.(string)
			if raw, err := hex.DecodeString(s); err == nil {
				v[k] = base64.StdEncoding.EncodeToString(raw)
			}
		}
	}
}
