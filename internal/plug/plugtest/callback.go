package plugtest

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
)

// CallbackCase describes a signed Callback for Callback.
type CallbackCase struct {
	Open   plug.Plugin
	Values map[string]string // settings
	Secret string            // the setting that proves a call
	Body   []byte            // a genuine answer
	// Sign makes the call a provider would make with the body at the time.
	Sign   func(body []byte, at time.Time) plug.Inbound
	Proof  []string      // headers that prove it
	Window time.Duration // how old a call may be; zero where the provider signs no time
	Bytes  bool          // the proof covers every byte of the body
}

// OpenCallback opens p through a registry with the settings.
func OpenCallback(t testing.TB, p plug.Plugin, values map[string]string) plug.Callback {
	t.Helper()
	cb, ok := Open(t, p, Config(values)).(plug.Callback)
	if !ok {
		t.Fatalf("%s hears nothing", p.Manifest.Name)
	}
	return cb
}

// Callback proves that a callback takes what its provider sends and nothing that
// anybody else could have made: no proof, an empty, doubled, cut or altered one,
// one of another time or another body, and none at all while no secret is set.
func Callback(t *testing.T, c CallbackCase) {
	t.Helper()
	cb := OpenCallback(t, c.Open, c.Values)
	if c.Open.Manifest.Source == "" {
		t.Error("the manifest names no source")
	}
	in := c.Sign(c.Body, when)
	in.Now = when
	before := bytes.Clone(in.Body)
	h, err := cb.Hear(in)
	if err != nil || len(h.Answers) == 0 {
		t.Fatalf("genuine call: %+v, %v", h, err)
	}
	CheckHeard(t, h)
	if again, err := cb.Hear(in); err != nil || !reflect.DeepEqual(h, again) || !bytes.Equal(before, in.Body) {
		t.Errorf("the same call gave %+v, %v", again, err)
	}
	t.Run("forged proof", func(t *testing.T) { forgedProof(t, cb, c, in) })
	t.Run("other time", func(t *testing.T) { otherTime(t, cb, c) })
	t.Run("other body", func(t *testing.T) { otherBody(t, cb, c, in) })
	t.Run("no secret set", func(t *testing.T) {
		values := map[string]string{}
		for k, v := range c.Values {
			if k != c.Secret {
				values[k] = v
			}
		}
		refuses(t, OpenCallback(t, c.Open, values), in, "no secret")
	})
}

func refuses(t *testing.T, cb plug.Callback, in plug.Inbound, what string) {
	t.Helper()
	if h, err := cb.Hear(in); !fault.Is(err, fault.Unauthenticated) || !reflect.DeepEqual(h, plug.Heard{}) {
		t.Errorf("%s: got %+v, %v", what, h, err)
	}
}

func forgedProof(t *testing.T, cb plug.Callback, c CallbackCase, in plug.Inbound) {
	for _, name := range c.Proof {
		good := in.Header.Get(name)
		with := func(what string, values ...string) {
			forged := in
			forged.Header = in.Header.Clone()
			forged.Header.Del(name)
			for _, v := range values {
				forged.Header.Add(name, v)
			}
			refuses(t, cb, forged, name+" "+what)
		}
		with("missing")
		with("empty", "")
		with("doubled", good, good)
		with("after a wrong one", "0", good)
		with("cut", good[:len(good)-1])
		with("cut to half", good[:len(good)/2])
		with("longer", good+"0")
		with("of another scheme", "v1="+good)
		with("with a look-alike", "ν0="+good)
		rnd := rand.New(rand.NewPCG(1, 2))
		for range 2000 {
			b := []byte(good)
			i := rnd.IntN(len(b))
			b[i] ^= byte(1 + rnd.IntN(15))
			if sameProof(string(b), good) {
				continue
			}
			with("altered", string(b))
		}
	}
}

// sameProof tells hexadecimal digits of the other case from a forgery.
func sameProof(a, b string) bool {
	return bytes.EqualFold([]byte(a), []byte(b))
}

func otherTime(t *testing.T, cb plug.Callback, c CallbackCase) {
	if c.Window == 0 {
		return
	}
	for _, shift := range []time.Duration{-c.Window, c.Window} {
		in := c.Sign(c.Body, when.Add(shift))
		in.Now = when
		if _, err := cb.Hear(in); err != nil {
			t.Errorf("at %v: %v", shift, err)
		}
		in.Now = when.Add(2 * time.Second)
		if shift > 0 {
			in.Now = when.Add(-2 * time.Second)
		}
		refuses(t, cb, in, "replayed outside of the window")
	}
}

func otherBody(t *testing.T, cb plug.Callback, c CallbackCase, in plug.Inbound) {
	if c.Bytes {
		for what, body := range map[string][]byte{
			"a space more": append(bytes.Clone(c.Body), ' '), "a byte less": c.Body[:len(c.Body)-1], "none": nil,
			"re-serialised": bytes.ReplaceAll(c.Body, []byte(`":`), []byte(`": `)),
		} {
			forged := in
			forged.Body = body
			if !bytes.Equal(body, c.Body) {
				refuses(t, cb, forged, "body with "+what)
			}
		}
	}
	for n := range c.Body { // genuine, but torn: no panic and no answer
		torn := c.Sign(c.Body[:n], when)
		torn.Now = when
		h, err := cb.Hear(torn)
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("body of %d bytes: %v", n, err)
		}
		if len(h.Answers) > 0 {
			t.Errorf("body of %d bytes: answers %+v", n, h.Answers)
		}
	}
}

// CheckHeard proves that what a chat platform said names a page and a choice.
func CheckHeard(t testing.TB, h plug.Heard) {
	t.Helper()
	for _, a := range h.Answers {
		if a.Channel == "" || a.Token == "" || a.Choice != plug.Acknowledge && a.Choice != plug.Unavailable {
			t.Errorf("answer %+v", a)
		}
	}
	if len(h.Receipts) > 0 {
		t.Errorf("receipts %+v", h.Receipts)
	}
}
