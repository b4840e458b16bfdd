package paging

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/pages"
)

// Links are signed instead of stored: whoever reads the database cannot
// acknowledge with what is in it.

const macBytes = 15 // 24 letters: beyond guessing

func (p *Paging) code(id ident.ID) string {
	m := hmac.New(sha256.New, p.o.AckKey)
	m.Write([]byte("ack " + id.String()))
	sum := m.Sum(nil)[:macBytes]
	return id.String() + "-" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum))
}

func (p *Paging) link(page *message.Page) string {
	if p.o.AckURL == "" || len(p.o.AckKey) == 0 {
		return ""
	}
	return p.o.AckURL + "/" + p.code(page.ID)
}

// ticket is what the page can be answered with where a link cannot be followed:
// the token of a button, the digits of a text message, the key of a keypad.
func (s *scene) ticket(page *message.Page) message.Ticket {
	if len(s.p.o.AckKey) == 0 {
		return message.Ticket{}
	}
	t := s.p.digits(page.ID)
	t.Token, t.Join = s.p.code(page.ID), s.asksToJoin(page)
	return t
}

// digits are the part of the ticket that is typed.
func (p *Paging) digits(id ident.ID) message.Ticket {
	m := hmac.New(sha256.New, p.o.AckKey)
	m.Write([]byte("type " + id.String()))
	sum := m.Sum(nil)
	return message.Ticket{
		Code:  fmt.Sprintf("%06d", binary.BigEndian.Uint64(sum)%1_000_000),
		Digit: strconv.Itoa(int(sum[len(sum)-1])%9 + 1),
	}
}

// pageOf reads the page's id out of the code of a link; any wrong code answers
// alike, and costs no transaction.
func (p *Paging) pageOf(code string) (ident.ID, error) {
	text, _, _ := strings.Cut(code, "-")
	id, err := ident.Parse(text)
	if err != nil || len(p.o.AckKey) == 0 || !hmac.Equal([]byte(code), []byte(p.code(id))) {
		return 0, fault.New(fault.NotFound, "this link is not known")
	}
	return id, nil
}

// page reads a page through what the transaction knows.
func (p *Paging) page(tx *store.Tx, id ident.ID) (*message.Page, error) { return pages.Get(tx, id) }
