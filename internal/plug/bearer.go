package plug

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"allclear/internal/base/secret"
)

// Bearer makes calls with an access token (RFC 6749), which it asks for when it has
// none. Safe for concurrent use.
type Bearer struct {
	HTTP *HTTP
	// Ask is the call that gives a new token.
	Ask func() (Request, error)

	token Token
}

// fetch asks for a token.
func (t *Bearer) fetch(ctx context.Context) (secret.String, time.Duration, error) {
	r, err := t.Ask()
	if err != nil {
		return "", 0, err
	}
	r.Still = true
	ans, err := t.HTTP.Do(ctx, r)
	if err != nil {
		return "", 0, err
	}
	if err := ans.Failure(); err != nil {
		f := *FailureOf(err)
		f.Ours = f.Ours || f.Kind == Permanent // 400 is how a wrong secret is told
		return "", 0, &f
	}
	var got struct {
		Token   string  `json:"access_token"`
		Seconds float64 `json:"expires_in"`
	}
	if err := json.Unmarshal(ans.Body, &got); err != nil || got.Token == "" {
		return "", 0, Fail(Retry, "sign in: the answer has no token")
	}
	return secret.String(got.Token), time.Duration(got.Seconds) * time.Second, nil
}

// Do makes a call with the token. A token that is refused is replaced once: it may
// have been revoked before its end.
func (t *Bearer) Do(ctx context.Context, r Request) (Answer, error) {
	for again := false; ; again = true {
		token, err := t.token.Get(ctx, time.Now(), t.fetch)
		if err != nil {
			return Answer{}, err
		}
		with := r
		with.Header, with.Still = r.Header.Clone(), true
		if with.Header == nil {
			with.Header = http.Header{}
		}
		with.Header.Set("Authorization", "Bearer "+token.Reveal())
		with.Secrets = append([]secret.String{token}, r.Secrets...)
		ans, err := t.HTTP.Do(ctx, with)
		if err != nil || ans.Status != http.StatusUnauthorized || again {
			return ans, err
		}
		t.token.Forget(token)
	}
}

// JSON makes a call with the token and a JSON body (nil: none), and reads the answer
// into out (nil: not). An error is a *Failure with what was asked for.
func (t *Bearer) JSON(ctx context.Context, method, to string, body, out any, secrets ...secret.String) (Answer, error) {
	r := Request{Method: method, URL: to, Header: http.Header{"Accept": {"application/json"}}, Secrets: secrets}
	if body != nil {
		var err error
		if r.Body, err = EncodeJSON(body); err != nil {
			return Answer{}, Fail(Permanent, "write the call as JSON: %w", err)
		}
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	ans, err := t.Do(ctx, r)
	if err != nil {
		return ans, err
	}
	if err := ans.Failure(); err != nil {
		return ans, err
	}
	if out != nil && len(ans.Body) > 0 {
		if err := json.Unmarshal(ans.Body, out); err != nil {
			return ans, Fail(Unknown, "the answer cannot be read: %s", ans.Brief())
		}
	}
	return ans, nil
}
