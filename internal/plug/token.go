package plug

import (
	"context"
	"sync"
	"time"

	"allclear/internal/base/secret"
)

// Token keeps an access token for as long as it is good. The zero value has none;
// it is safe for concurrent use.
type Token struct {
	mu    sync.Mutex
	value secret.String
	until time.Time
}

// early is how long before its end a token counts no more.
const early = time.Minute

// Get returns the token, fetched anew where there is none that is good at now. One
// fetches at a time.
func (t *Token) Get(ctx context.Context, now time.Time, fetch func(context.Context) (token secret.String, life time.Duration, err error)) (secret.String, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.value != "" && now.Before(t.until) {
		return t.value, nil
	}
	value, life, err := fetch(ctx)
	if err != nil {
		return "", err
	}
	t.value, t.until = value, now.Add(life-early)
	return value, nil
}

// Forget drops a token that its issuer does not take any more.
func (t *Token) Forget(value secret.String) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.value == value {
		t.value = ""
	}
}
