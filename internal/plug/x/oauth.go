package x

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/secret"
)

// credentials sign as an account's app (RFC 5849, OAuth 1.0a user context).
type credentials struct{ consumer, consumerSecret, token, tokenSecret secret.String }

// authorize makes the header of a request whose body is no form, so that only the
// protocol's own fields and those of the query are signed (RFC 5849, 3.4.1.3).
func (c credentials) authorize(method, to, nonce string, now time.Time) (string, error) {
	return c.authorizeForm(method, to, nonce, now, nil)
}

func (c credentials) authorizeForm(method, to, nonce string, now time.Time, form url.Values) (string, error) {
	u, err := url.Parse(to)
	if err != nil {
		return "", fmt.Errorf("read address: %w", err)
	}
	fields := map[string]string{
		"oauth_consumer_key": c.consumer.Reveal(), "oauth_nonce": nonce, "oauth_signature_method": "HMAC-SHA1",
		"oauth_timestamp": strconv.FormatInt(now.Unix(), 10), "oauth_token": c.token.Reveal(), "oauth_version": "1.0",
	}
	var pairs []string
	for k, v := range fields {
		pairs = append(pairs, escape(k)+"="+escape(v))
	}
	for _, values := range []url.Values{u.Query(), form} {
		for k, vs := range values {
			for _, v := range vs {
				pairs = append(pairs, escape(k)+"="+escape(v))
			}
		}
	}
	slices.Sort(pairs)
	u.RawQuery, u.Fragment = "", ""
	base := strings.ToUpper(method) + "&" + escape(u.String()) + "&" + escape(strings.Join(pairs, "&"))
	mac := hmac.New(sha1.New, []byte(escape(c.consumerSecret.Reveal())+"&"+escape(c.tokenSecret.Reveal())))
	_, _ = mac.Write([]byte(base))
	fields["oauth_signature"] = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	names := make([]string, 0, len(fields))
	for k := range fields {
		names = append(names, k)
	}
	slices.Sort(names)
	for i, k := range names {
		names[i] = k + `="` + escape(fields[k]) + `"`
	}
	return "OAuth " + strings.Join(names, ", "), nil
}

// escape is the percent-encoding of RFC 3986, as RFC 5849, 3.6 asks for it.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
