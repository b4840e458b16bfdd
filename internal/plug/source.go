package plug

import (
	"net/http"
	"net/url"
	"time"

	"allclear/internal/base/secret"
)

// Inbound is one call of an outside system to /hooks/{source}/{key}, as it came
// in. The raw body was stored before anyone parses it.
type Inbound struct {
	Header      http.Header
	Query       url.Values
	Body        []byte // the bytes a signature is checked over
	ContentType string
	Now         time.Time     // UTC; bounds the age of signed timestamps
	Secret      secret.String // signature secret of the hook; empty when none is set, and then no signature is asked for
}
