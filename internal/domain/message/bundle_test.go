package message

import (
	"strings"
	"testing"
)

// B23, R18: one message after a delay, and every page's text and link in it.
func TestABundleCarriesEveryText(t *testing.T) {
	ds := []*Delivery{
		{Key: "INC-1/chain/step1", Subject: "P1 INC-1: sign-in", Body: "Sign-in fails.", Address: "+1555", Headers: Headers{AckURL: "https://a.example/ack/1", Answer: Ticket{Code: "123456"}}},
		{Key: "INC-2/chain/step1", Subject: "P2 INC-2: reports", Body: "Reports fail.", Address: "+1555", Headers: Headers{AckURL: "https://a.example/ack/2"}},
		{Key: "INC-3/chain/step1", Subject: "P2 INC-3: api", Body: "The API is slow.", Address: "+1555"},
	}
	b := Bundle(ds)
	for _, d := range ds {
		if !strings.Contains(b.Body, d.Body) || !strings.Contains(b.Body, d.Headers.AckURL) {
			t.Errorf("%s is not in %q", d.Key, b.Body)
		}
	}
	if b.Subject != "P1 INC-1: sign-in, and 2 more" || b.Address != "+1555" || len(b.Bundled) != 3 || b.Bundled[2] != "INC-3/chain/step1" {
		t.Errorf("%+v", b)
	}
	if b.Headers.AckURL != "" || b.Headers.Answer.Code != "" {
		t.Errorf("one answer stands for all: %+v", b.Headers)
	}
	if again := Bundle(ds); again.Key != b.Key {
		t.Errorf("the key of the same bundle differs: %s, %s", b.Key, again.Key)
	}
	if other := Bundle(ds[:2]); other.Key == b.Key {
		t.Errorf("another bundle has the same key %s", b.Key)
	}
	if ds[0].Key != "INC-1/chain/step1" || ds[0].Headers.AckURL == "" {
		t.Errorf("the delivery itself was changed: %+v", ds[0])
	}
}
