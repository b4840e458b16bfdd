package wall

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"allclear/internal/base/fault"
)

// A token names an incident and until when it may be read; whoever has it may
// read. It is signed and not stored: what the incident becomes, such as
// restricted, is looked up on each reading.

const (
	bodySize = 16 // number of the incident, Unix seconds of the end
	macSize  = 18
)

func sign(key, body []byte) []byte {
	m := hmac.New(sha256.New, key)
	_, _ = m.Write([]byte("wall\x00"))
	_, _ = m.Write(body)
	return m.Sum(nil)[:macSize]
}

// tokenOf makes the token.
func tokenOf(key []byte, number int64, until time.Time) string {
	body := binary.BigEndian.AppendUint64(nil, uint64(number))
	body = binary.BigEndian.AppendUint64(body, uint64(until.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(body, sign(key, body)...))
}

// readToken returns the incident's number. Whatever is wrong with a token is one
// answer: there is no such board.
func readToken(key []byte, token string, now time.Time) (number int64, until time.Time, err error) {
	none := fault.New(fault.NotFound, "there is no such wall board, or its time is over")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(key) == 0 || len(raw) != bodySize+macSize || !hmac.Equal(sign(key, raw[:bodySize]), raw[bodySize:]) {
		return 0, until, none
	}
	until = time.Unix(int64(binary.BigEndian.Uint64(raw[8:bodySize])), 0).UTC()
	if !now.Before(until) {
		return 0, until, none
	}
	return int64(binary.BigEndian.Uint64(raw[:8])), until, nil
}
