// Package googlesupport opens cases with Google Cloud Support and asks how they are.
// It must not close one, nor say anything of an incident but what it is given.
//
// Sources: cloud.google.com/support/docs/reference/rest/v2 (cases.create, cases.get,
// cases.list), and developers.google.com/identity/protocols/oauth2/service-account
// ("HTTP/REST").
package googlesupport

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
	"regexp"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Name is the channel on which cases are opened here.
const Name = "google_support"

const (
	defaultBase  = "https://cloudsupport.googleapis.com"
	defaultToken = "https://oauth2.googleapis.com/token"
	scope        = "https://www.googleapis.com/auth/cloud-platform"
	life         = time.Hour // of what is signed
)

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "Google Cloud Support", Desk: Name, Docs: "docs/integrations/google_support.md",
			Fields: []plug.Field{
				{Key: "service_account", Title: "Service account key", Secret: true, Help: "The JSON file as it is, of an account with the role Tech Support Editor. Standard, Enhanced or Premium Support is needed."},
				{Key: "project", Title: "Project", Help: "Id of the project that cases belong to; that of the account when empty."},
				{Key: "classification", Title: "Classification", Help: "Id of what a case is about where nobody says another; caseClassifications:search lists them."},
				{Key: "base_url", Title: "API address", Default: defaultBase},
			},
		},
		Open: open,
	}
}

// desk is the open plug-in; without a key it opens no case.
type desk struct {
	http           *plug.HTTP
	base, token    string
	project        string
	classification string
	account        string
	keyID          string
	key            *rsa.PrivateKey
	raw            secret.String
	access         *plug.Token
	now            func() time.Time
}

var projectShape = regexp.MustCompile(`^[a-z0-9.:-]{4,100}$`)

func open(cfg plug.Config) (any, error) {
	base, err := cfg.Base("base_url")
	if err != nil {
		return nil, err
	}
	d := desk{base: plug.First(base, defaultBase), project: cfg.Text("project"), classification: cfg.Text("classification"), raw: cfg.Secret("service_account"), now: time.Now}
	if d.raw == "" {
		return d, nil
	}
	bad := fault.New(fault.Invalid, "open Google Cloud Support: settings are wrong")
	var file struct {
		Project string `json:"project_id"`
		KeyID   string `json:"private_key_id"`
		Key     string `json:"private_key"`
		Email   string `json:"client_email"`
		Token   string `json:"token_uri"`
	}
	if json.Unmarshal([]byte(d.raw.Reveal()), &file) != nil || file.Email == "" {
		return nil, bad.With("service_account", "is no key file of a service account")
	}
	if d.key = readKey(file.Key); d.key == nil {
		return nil, bad.With("service_account", "has no RSA key in it")
	}
	if d.project = plug.First(d.project, file.Project); !projectShape.MatchString(d.project) {
		return nil, bad.With("project", "is needed: the id of a project")
	}
	d.token = plug.First(file.Token, defaultToken)
	d.account, d.keyID, d.http, d.access = file.Email, file.KeyID, cfg.Puller(), &plug.Token{}
	return d, nil
}

func readKey(text string) *rsa.PrivateKey {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil
	}
	key, _ := any.(*rsa.PrivateKey)
	return key
}

// Desk implements plug.CaseDesk.
func (d desk) Desk() (plug.Desk, bool) {
	return plug.Desk{Kind: plug.CaseSupport, Asks: []plug.Field{
		{Key: "classification", Title: "Classification", Default: d.classification, Required: d.classification == "", Help: "Id of what the case is about."},
	}}, d.http != nil
}

// newCase is the body of cases.create.
type newCase struct {
	Name           string         `json:"displayName"`
	Description    string         `json:"description"`
	Classification classification `json:"classification"`
	Priority       string         `json:"priority"`
	Zone           string         `json:"timeZone"`
	Language       string         `json:"languageCode"`
}

type classification struct {
	ID string `json:"id"`
}

// priority is Google's for an urgency: both count from P1, critical impact, to P4.
func priority(urgency string) string {
	switch urgency {
	case "P1", "P2", "P4":
		return urgency
	}
	return "P3"
}

// Send implements plug.Channel: it opens a case.
func (d desk) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	if m.Kind != plug.CaseWanted || m.Case.Kind != plug.CaseSupport || d.http == nil {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "Google Cloud Support opens support cases, and only with a key")
	}
	c := newCase{
		Name: plug.Line(m.Subject, plug.MaxWord), Description: plug.First(strings.TrimSpace(m.Text), m.Subject), Priority: priority(m.Case.Urgency), Zone: "UTC", Language: "en",
		Classification: classification{plug.First(m.Case.Params["classification"], d.classification)},
	}
	if m.Again { // cases.create makes a second one of the same
		if name, err := d.find(ctx, c.Name); err != nil || name != "" {
			return plug.Receipt{Arrived: true, ProviderRef: name, Detail: "was open already"}, err
		}
	}
	doc, err := d.call(ctx, http.MethodPost, "/v2/projects/"+url.PathEscape(d.project)+"/cases", c)
	if err != nil {
		return plug.Receipt{}, err
	}
	name := doc.Text("name")
	if !d.ours(name) {
		return plug.Receipt{}, plug.Fail(plug.Unknown, "Google Cloud Support: the answer names no case")
	}
	return plug.Receipt{Arrived: true, ProviderRef: name, Detail: "priority " + c.Priority}, nil
}

// find looks for an open case of the name.
func (d desk) find(ctx context.Context, name string) (string, error) {
	doc, err := d.call(ctx, http.MethodGet, "/v2/projects/"+url.PathEscape(d.project)+"/cases?"+url.Values{"filter": {"state=OPEN"}, "pageSize": {"100"}}.Encode(), nil)
	if err != nil {
		return "", err
	}
	for _, c := range doc.List("cases") {
		if c.Text("displayName") == name && d.ours(c.Text("name")) {
			return c.Text("name"), nil
		}
	}
	return "", nil
}

var caseShape = regexp.MustCompile(`^projects/[a-z0-9.:-]+/cases/[A-Za-z0-9-]+$`)

// ours: a name becomes part of an address.
func (desk) ours(name string) bool { return caseShape.MatchString(name) }

// Look implements plug.CaseDesk.
func (d desk) Look(ctx context.Context, ref string) (plug.CaseState, error) {
	if !d.ours(ref) {
		return plug.CaseState{}, fault.New(fault.Invalid, "Google Cloud Support: %q is no case", ref)
	}
	doc, err := d.call(ctx, http.MethodGet, "/v2/"+ref, nil)
	if err != nil {
		return plug.CaseState{}, fault.Wrap(fault.Unavailable, err, "ask Google Cloud Support")
	}
	id, state := ref[strings.LastIndex(ref, "/")+1:], doc.Text("state")
	if state == "" {
		return plug.CaseState{}, fault.New(fault.Unavailable, "Google Cloud Support: the answer has no state of the case")
	}
	return plug.CaseState{
		Number: id, State: strings.ToLower(strings.ReplaceAll(state, "_", " ")), Over: state == "CLOSED",
		Link: "https://console.cloud.google.com/support/cases/detail/v2/" + id + "?" + url.Values{"project": {d.project}}.Encode(),
	}, nil
}

func (d desk) call(ctx context.Context, method, path string, in any) (plug.Doc, error) {
	token, err := d.access.Get(ctx, d.now(), d.fetch)
	if err != nil {
		return plug.Doc{}, err
	}
	header := http.Header{"Accept": {"application/json"}, "Authorization": {"Bearer " + token.Reveal()}, "X-Goog-User-Project": {d.project}}
	var body []byte
	if in != nil {
		if body, err = json.Marshal(in); err != nil {
			return plug.Doc{}, plug.Fail(plug.Permanent, "Google Cloud Support: %w", err)
		}
		header.Set("Content-Type", "application/json")
	}
	ans, err := d.http.Do(ctx, plug.Request{Method: method, URL: d.base + path, Header: header, Body: body, Secrets: []secret.String{token, d.raw}, Still: true})
	if err != nil {
		return plug.Doc{}, err
	}
	doc, err := answered(ans)
	if ans.Status == http.StatusUnauthorized { // the token has ended early: the next try has another
		d.access.Forget(token)
		err = plug.Again(err)
	}
	return doc, err
}

// answered reads an answer, or why there is none.
func answered(ans plug.Answer) (plug.Doc, error) {
	doc, err := plug.ReadDoc(ans.Body)
	if failed := ans.Failure(); failed != nil {
		f := *plug.FailureOf(failed)
		if why := doc.First("error_description"); why != "" {
			f.Err = fault.New(fault.Unavailable, "Google answers: %s", plug.Clean(plug.Line(why, plug.MaxSummary)))
		} else if why := doc.Text("error", "message"); why != "" {
			f.Err = fault.New(fault.Unavailable, "Google Cloud Support answers: %s", plug.Clean(plug.Line(doc.Text("error", "status")+" "+why, plug.MaxSummary)))
		}
		return plug.Doc{}, &f
	}
	if err != nil {
		return plug.Doc{}, plug.Fail(plug.Unknown, "Google Cloud Support: the answer is not what its API documents")
	}
	return doc, nil
}

// fetch exchanges a signed claim for an access token.
func (d desk) fetch(ctx context.Context) (secret.String, time.Duration, error) {
	claim, err := d.sign()
	if err != nil {
		return "", 0, plug.Fail(plug.Permanent, "sign for Google Cloud Support: %w", err)
	}
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {claim}}
	ans, err := d.http.Do(ctx, plug.Request{URL: d.token, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(form.Encode()), Secrets: []secret.String{secret.String(claim), d.raw}, Still: true})
	if err != nil {
		return "", 0, err
	}
	doc, err := answered(ans)
	if err != nil {
		return "", 0, err
	}
	token := secret.String(doc.Text("access_token"))
	if token == "" {
		return "", 0, plug.Fail(plug.Retry, "Google gives no access token")
	}
	return token, time.Duration(doc.Number("expires_in")) * time.Second, nil
}

// sign makes the claim of the service account (RFC 7523), signed by RS256.
func (d desk) sign() (string, error) {
	now := d.now()
	head, err := json.Marshal(map[string]string{"alg": "RS256", "typ": "JWT", "kid": d.keyID})
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(map[string]any{"iss": d.account, "scope": scope, "aud": d.token, "iat": now.Unix(), "exp": now.Add(life).Unix()})
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, d.key, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig), nil
}
