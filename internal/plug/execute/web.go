package execute

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"allclear/internal/base/secret"
	"allclear/internal/domain/remedy"
	"allclear/internal/plug"
)

// web asks an address. It is not asked again: what a lost answer did, nobody knows.
func (p *part) web(ctx context.Context) remedy.Result {
	c := p.c.HTTP
	r := plug.Request{Method: c.Method, URL: c.URL, Header: http.Header{}, Still: true}
	for k, v := range c.Headers {
		r.Header.Set(k, v)
	}
	if c.Token != "" {
		token, err := p.token(c.Token)
		if err != nil {
			return failed("%v", err)
		}
		r.Secrets = []secret.String{token}
		r.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	if c.Body != nil {
		body, err := json.Marshal(placed(c.Body, p.job.Values))
		if err != nil {
			return failed("write the request: %v", err)
		}
		r.Body = body
		r.Header.Set("Content-Type", "application/json")
	}
	if p.HTTP == nil {
		return failed("this runner makes no requests")
	}
	ans, err := p.HTTP.Do(ctx, r)
	if err != nil {
		return failed("%v", err)
	}
	p.out.say(http.StatusText(ans.Status))
	_, _ = p.out.Write(ans.Body) // it takes everything
	status := ans.Status
	good := status >= 200 && status < 300
	if len(c.Status) > 0 {
		good = slices.Contains(c.Status, status)
	}
	if !good {
		return failed("the answer is %d %s", status, http.StatusText(status))
	}
	return remedy.Result{State: remedy.Succeeded}
}

// placed puts values in the place of parameters, wherever a text of the body is one.
func placed(v any, values map[string]string) any {
	switch v := v.(type) {
	case string:
		return fill(v, values)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = placed(x, values)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = placed(x, values)
		}
		return out
	}
	return v
}
