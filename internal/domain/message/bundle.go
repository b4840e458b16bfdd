package message

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// BundleFrom is how many late pages to one address go out as one message.
const BundleFrom = 4

// Bundle is one message with the texts of many pages to one address: what piled
// up while we could not send is one call or mail, and none of it is left out.
// Each page keeps its own link, and its own outcome.
func Bundle(ds []*Delivery) *Delivery {
	first := ds[0]
	b := *first
	sum := sha256.New()
	var text strings.Builder
	fmt.Fprintf(&text, "%d pages waited for you.\n", len(ds))
	b.Bundled = make([]string, len(ds))
	for i, d := range ds {
		b.Bundled[i] = d.Key
		fmt.Fprintf(sum, "%s\x00", d.Key)
		text.WriteString("\n" + d.Body + "\n")
		if d.Headers.AckURL != "" {
			text.WriteString(d.Headers.AckURL + "\n")
		}
	}
	b.Key = fmt.Sprintf("%s/and/%d/%x", first.Key, len(ds)-1, sum.Sum(nil)[:6])
	b.Subject = fmt.Sprintf("%s, and %d more", first.Subject, len(ds)-1)
	b.Body = text.String()
	b.Headers.AckURL, b.Headers.Answer = "", Ticket{} // one answer must not stand for many
	return &b
}
