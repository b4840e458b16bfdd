// Package google opens the shared notes of incidents as Google Docs and has the
// timeline flow into them, through the Docs and Drive APIs as a service account
// (https://developers.google.com/docs/api/reference/rest,
// https://developers.google.com/drive/api/reference/rest/v3). It must not retry, nor
// read what people write there but to know whether lines of ours stand already.
package google

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/url"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "google", Title: "Google Docs", Rooms: []string{plug.RoomDocument}, Docs: "docs/integrations/google-docs.md",
			Fields: []plug.Field{
				{Key: "service_account", Title: "Service account key", Secret: true, Required: true, Help: "The JSON file of the key, whole."},
				{Key: "subject", Title: "Acts as", Help: "Mail address of a user it acts for by domain-wide delegation; empty: as itself."},
				{Key: "template", Title: "Template", Help: "Id of a document that is copied; {{number}}, {{title}} and {{date}} in it are filled in. Empty: an empty document."},
				{Key: "folder", Title: "Folder", Help: "Id of the folder it is put in, which the service account may write to."},
				{Key: "share_domain", Title: "Share with domain", Help: "Everybody of it may write, such as example.com; not in what is private."},
				{Key: "share_group", Title: "Share with group", Help: "Mail address of a group that may write; not in what is private."},
				{Key: "docs_url", Title: "Docs API URL", Default: "https://docs.googleapis.com"},
				{Key: "drive_url", Title: "Drive API URL", Default: "https://www.googleapis.com/drive/v3"},
			},
		},
		Open: open,
	}
}

type google struct {
	docs, drive      string
	template, folder string
	domain, group    string
	secrets          []secret.String
	token            *plug.Bearer
}

var (
	_ plug.Opener   = (*google)(nil)
	_ plug.Document = (*google)(nil)
)

// account is the key file of a service account.
type account struct {
	Email    string `json:"client_email"`
	KeyID    string `json:"private_key_id"`
	Key      string `json:"private_key"`
	TokenURI string `json:"token_uri"`
	key      *rsa.PrivateKey
}

func open(cfg plug.Config) (any, error) {
	g := &google{template: cfg.Text("template"), folder: cfg.Text("folder"), domain: cfg.Text("share_domain"), group: cfg.Text("share_group")}
	var err error
	if g.docs, err = cfg.Base("docs_url"); err != nil {
		return nil, err
	}
	if g.drive, err = cfg.Base("drive_url"); err != nil {
		return nil, err
	}
	a, err := readAccount(cfg.Secret("service_account"))
	if err != nil {
		return nil, err
	}
	g.secrets = []secret.String{cfg.Secret("service_account"), secret.String(a.Key)}
	subject := cfg.Text("subject")
	g.token = &plug.Bearer{HTTP: cfg.Puller(), Ask: func() (plug.Request, error) {
		assertion, err := a.assertion(subject, time.Now())
		if err != nil {
			return plug.Request{}, plug.Fail(plug.Permanent, "sign in to Google: the key cannot sign")
		}
		form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}
		return plug.Request{
			URL: a.TokenURI, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(form.Encode()),
			Secrets: append([]secret.String{secret.String(assertion)}, g.secrets...),
		}, nil
	}}
	return g, nil
}

func readAccount(raw secret.String) (*account, error) {
	a := &account{}
	bad := fault.New(fault.Invalid, "settings are wrong").With("service_account", "want the JSON key file of a service account, whole")
	if json.Unmarshal([]byte(raw.Reveal()), a) != nil || a.Email == "" {
		return nil, bad
	}
	if a.TokenURI == "" {
		a.TokenURI = "https://oauth2.googleapis.com/token"
	}
	block, _ := pem.Decode([]byte(a.Key))
	if block == nil || plug.WebURL(a.TokenURI) == "" {
		return nil, bad
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, bad
	}
	var ok bool
	if a.key, ok = key.(*rsa.PrivateKey); !ok {
		return nil, bad
	}
	return a, nil
}

// scopes are documents, and the files they are: a template belongs to somebody else.
const scopes = "https://www.googleapis.com/auth/documents https://www.googleapis.com/auth/drive"

// assertion is the signed wish for a token (RFC 7523).
func (a *account) assertion(subject string, now time.Time) (string, error) {
	claims := map[string]any{"iss": a.Email, "scope": scopes, "aud": a.TokenURI, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	if subject != "" {
		claims["sub"] = subject
	}
	head, err := json.Marshal(map[string]string{"alg": "RS256", "typ": "JWT", "kid": a.KeyID})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	e := base64.RawURLEncoding
	text := e.EncodeToString(head) + "." + e.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, a.key, crypto.SHA256, sum[:])
	return text + "." + e.EncodeToString(sig), err
}

// Opens is plug.Opener.
func (g *google) Opens(part string) bool { return part == plug.RoomDocument }

// call makes a call; limits of rate come as 403 with a reason.
func (g *google) call(ctx context.Context, method, to string, body, out any) error {
	ans, err := g.token.JSON(ctx, method, to, body, out, g.secrets...)
	if err != nil && ans.Status == http.StatusForbidden && limited(ans.Body) {
		f := *plug.FailureOf(err)
		f.Kind, f.Ours = plug.Retry, false
		return &f
	}
	return err
}

func limited(body []byte) bool {
	var said struct {
		Error struct {
			Errors []struct {
				Reason string `json:"reason"`
			} `json:"errors"`
			Status string `json:"status"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &said) != nil {
		return false
	}
	for _, e := range said.Error.Errors {
		switch e.Reason {
		case "rateLimitExceeded", "userRateLimitExceeded", "sharingRateLimitExceeded", "dailyLimitExceeded":
			return true
		}
	}
	return said.Error.Status == "RESOURCE_EXHAUSTED"
}
