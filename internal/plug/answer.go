package plug

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// OK reports a status of 2xx.
func (a Answer) OK() bool { return a.Status/100 == 2 }

// Brief is the status and the beginning of the body, fit to keep as evidence.
func (a Answer) Brief() string {
	status := strings.TrimSpace(strconv.Itoa(a.Status) + " " + http.StatusText(a.Status))
	body := Clean(string(a.Body), a.secrets...)
	if body == "" {
		return status
	}
	return Clean(status + ": " + body)
}

// Failure maps the status to what it means for the message: nil for 2xx; Retry
// for 408, 425, 429 and 5xx, with Retry-After when given (RFC 9110, section
// 10.2.3); Permanent for the rest. Vendors with other habits map their own codes
// first.
func (a Answer) Failure() error {
	switch {
	case a.OK():
		return nil
	case a.Status == http.StatusRequestTimeout, a.Status == http.StatusTooEarly,
		a.Status == http.StatusTooManyRequests, a.Status >= 500:
		return &Failure{Kind: Retry, RetryAfter: a.retryAfter(), Err: answerError(a.Brief())}
	}
	refused := a.Status == http.StatusUnauthorized || a.Status == http.StatusPaymentRequired || a.Status == http.StatusForbidden
	return &Failure{Kind: Permanent, Ours: refused, Err: answerError(a.Brief())}
}

type answerError string

func (e answerError) Error() string { return "peer answered " + string(e) }

// retryAfter reads both forms of the header; nonsense and the past are zero.
func (a Answer) retryAfter() time.Duration {
	v := strings.TrimSpace(a.Header.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if n, err := strconv.ParseInt(v, 10, 64); err == nil {
		return min(time.Duration(max(0, min(n, int64(MaxRetryAfter/time.Second))))*time.Second, MaxRetryAfter)
	}
	t, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	return min(max(0, t.Sub(a.at)), MaxRetryAfter)
}
