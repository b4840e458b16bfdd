package story

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"allclear/internal/base/secret"
	"allclear/internal/flow/intake"
	"allclear/internal/flow/partners"
	"allclear/internal/flow/remedy"
	"allclear/internal/flow/vault"
	"allclear/internal/plug"
)

// Integrations that do something at their vendors, through fakes of those.

// Connect opens a real integration with settings; what it can do is offered, and cases
// are opened through it, from now on.
func (w *World) Connect(p plug.Plugin, settings map[string]secret.String) any {
	w.Helper()
	v, err := p.Open(plug.Config{Guard: plug.NewGuard(netip.MustParsePrefix("127.0.0.0/8")), Values: settings})
	w.must(err)
	if d, ok := v.(plug.Doer); ok && len(d.Deeds()) > 0 {
		w.doers[p.Manifest.Name] = d
	}
	if d, ok := v.(plug.CaseDesk); ok {
		w.desks[p.Manifest.Desk] = d
		w.Through(p.Manifest.Desk, d)
	}
	return v
}

// Post is a vendor calling the hook of a service that has a secret; the error is what
// it is answered with.
func (w *World) Post(of any, source, service, body, hookSecret string, header http.Header) error {
	w.Helper()
	got, err := of.(plug.Source).Parse(plug.Inbound{Body: []byte(body), Header: header, Secret: secret.String(hookSecret), Now: w.now, ID: "made"})
	if err != nil {
		return err
	}
	w.must(w.e.Intake.AcceptNow(w.Context(), intake.Arrival{ServiceID: service, Source: source, Raw: []byte(body), Signals: got.Signals, Now: w.now}))
	return nil
}

// Asked has the product ask a vendor how things stand, as it does by itself every
// minute.
func (w *World) Asked(of any, source string) {
	w.Helper()
	p := of.(plug.Poller)
	service, _ := p.Polls()
	signals, err := p.Poll(w.Context(), w.now)
	w.must(err)
	w.must(w.e.Intake.AcceptNow(w.Context(), intake.Arrival{ServiceID: service, Source: source, Signals: signals, Now: w.now}))
}

// Choices are what can be run in the incident.
func (w *World) Choices() []remedy.Choice {
	w.Helper()
	all, err := w.e.Remedy.Choices(w.Context(), as("ana"), w.number())
	w.must(err)
	return all
}

// Choice is one of them; nil: it is not offered.
func (w *World) Choice(id string) *remedy.Choice {
	w.Helper()
	all := w.Choices()
	i := slices.IndexFunc(all, func(c remedy.Choice) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return &all[i]
}

// Evidence is what is kept of the incident, with its words.
func (w *World) Evidence() (files []vault.Item, words map[string]string) {
	w.Helper()
	files, err := w.e.Vault.List(w.Context(), as("ana"), w.number())
	w.must(err)
	words = map[string]string{}
	for _, f := range files {
		_, body, err := w.e.Vault.Open(w.Context(), as("ana"), f.ID, w.now)
		w.must(err)
		b, err := io.ReadAll(body)
		w.must(err)
		words[f.Name] = string(b)
	}
	return files, words
}

// AskPartner is ana asking a partner for a case.
func (w *World) AskPartner(in partners.Ask) partners.Case {
	w.Helper()
	c, err := w.e.Partners.Ask(w.Context(), as("ana"), w.number(), in, w.now)
	w.must(err)
	return c
}

// CaseOpened is ana writing the number of a case down.
func (w *World) CaseOpened(c partners.Case, number string) {
	w.Helper()
	_, err := w.e.Partners.Opened(w.Context(), as("ana"), c.ID, number, "", w.now)
	w.must(err)
}

// Cases are those of the incident.
func (w *World) Cases() []partners.Case {
	w.Helper()
	all, err := w.e.Partners.Of(w.Context(), as("ana"), w.number(), w.now)
	w.must(err)
	return all
}

// DNS is a fake of Cloudflare's records of one zone.
type DNS struct {
	URL string

	mu      sync.Mutex
	content string
	changes []string
	lose    string // before: the call is lost, after: its answer is
}

// The zone and the record of DNS.
const (
	DNSZone   = "023e105f4ecef8ad9ca31a8372d0c353"
	DNSRecord = "372e67954025e0ba6aaa6d586b9e0b59"
)

// NewDNS starts one, whose record has a content.
func (w *World) NewDNS(content string) *DNS {
	d := &DNS{content: content}
	srv := httptest.NewServer(d)
	w.Cleanup(srv.Close)
	d.URL = srv.URL
	return d
}

// Lose has the next changes be lost, "before" they are made or "after"; "" ends that.
func (d *DNS) Lose(when string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lose = when
}

// Changes are the contents that it was asked for, lost ones too.
func (d *DNS) Changes() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.changes)
}

func (d *DNS) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rw.Header().Set("Content-Type", "application/json")
	if r.Header.Get("Authorization") != "Bearer cf-token" || r.URL.Path != "/client/v4/zones/"+DNSZone+"/dns_records/"+DNSRecord {
		rw.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(rw, `{"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}`)
		return
	}
	if r.Method == http.MethodPatch {
		var in map[string]string
		_ = json.NewDecoder(r.Body).Decode(&in)
		d.changes = append(d.changes, in["content"])
		if d.lose != "before" {
			d.content = in["content"]
		}
		if d.lose != "" {
			panic(http.ErrAbortHandler) // the connection ends without an answer
		}
	}
	_, _ = fmt.Fprintf(rw, `{"success":true,"errors":[],"result":{"id":%q,"name":"shop.example.com","type":"A","content":%q,"proxied":true,"ttl":1}}`, DNSRecord, d.content)
}

// Falcon is a fake of CrowdStrike.
type Falcon struct {
	URL string

	mu      sync.Mutex
	alerts  map[string]string // documents, by id
	actions []string
	state   string // of the machine
}

// FalconHost is its one machine, whose name is build-7.
const FalconHost = "9b1d8f00aa11bb22cc33dd44ee55ff66"

// NewFalcon starts one.
func (w *World) NewFalcon() *Falcon {
	f := &Falcon{alerts: map[string]string{}, state: "normal"}
	srv := httptest.NewServer(f)
	w.Cleanup(srv.Close)
	f.URL = srv.URL
	return f
}

// Detects is a detection that it has; status: new or closed.
func (f *Falcon) Detects(id, status string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.alerts[id] = fmt.Sprintf(`{"composite_id":%q,"status":%q,"severity":70,"name":"Credential dumping","created_timestamp":"2026-03-02T03:00:30Z","device":{"device_id":%q,"hostname":"build-7"},"tactic":"Credential Access"}`, id, status, FalconHost)
}

// Actions are those on machines.
func (f *Falcon) Actions() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.actions)
}

func (f *Falcon) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	rw.Header().Set("Content-Type", "application/json")
	resources := func(list ...string) {
		_, _ = io.WriteString(rw, `{"meta":{},"resources":[`+strings.Join(list, ",")+`],"errors":[]}`)
	}
	q := r.URL.Query()
	if r.URL.Path == "/oauth2/token" {
		rw.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(rw, `{"access_token":"falcon-token","expires_in":1799,"token_type":"bearer"}`)
		return
	}
	if r.Header.Get("Authorization") != "Bearer falcon-token" {
		rw.WriteHeader(http.StatusUnauthorized)
		return
	}
	var list []string
	switch r.Method + " " + r.URL.Path {
	case "GET /alerts/queries/alerts/v2":
		closed := strings.Contains(q.Get("filter"), "status:'closed'")
		for id, doc := range f.alerts {
			if strings.Contains(q.Get("filter"), "created_timestamp") || strings.Contains(doc, `"closed"`) == closed {
				list = append(list, `"`+id+`"`)
			}
		}
		slices.Sort(list)
	case "POST /alerts/entities/alerts/v2":
		var in struct {
			IDs []string `json:"composite_ids"`
		}
		_ = json.NewDecoder(r.Body).Decode(&in)
		for _, id := range in.IDs {
			list = append(list, f.alerts[id])
		}
	case "GET /devices/queries/devices/v1":
		if q.Get("filter") == "hostname:'build-7'" {
			list = []string{`"` + FalconHost + `"`}
		}
	case "GET /devices/entities/devices/v2":
		list = []string{`{"device_id":"` + FalconHost + `","hostname":"build-7","status":"` + f.state + `"}`}
	case "POST /devices/entities/devices-actions/v2":
		body, _ := io.ReadAll(r.Body)
		f.actions = append(f.actions, q.Get("action_name")+" "+string(body))
		f.state = map[string]string{"contain": "contained", "lift_containment": "normal"}[q.Get("action_name")]
		rw.WriteHeader(http.StatusAccepted)
		list = []string{`{"id":"` + FalconHost + `","path":"/devices/entities/devices/v1"}`}
	default:
		rw.WriteHeader(http.StatusNotFound)
	}
	resources(list...)
}

// GoogleSupport is a fake of the support desk of Google Cloud, for one project.
type GoogleSupport struct {
	URL string

	mu    sync.Mutex
	cases []map[string]any
}

// NewGoogleSupport starts one and returns it with the key of an account that it knows.
func (w *World) NewGoogleSupport() (*GoogleSupport, secret.String) {
	w.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	w.must(err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	w.must(err)
	g := &GoogleSupport{}
	srv := httptest.NewServer(g)
	w.Cleanup(srv.Close)
	g.URL = srv.URL
	file, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "shop-prod", "private_key_id": "k1", "private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"client_email": "allclear@shop-prod.iam.gserviceaccount.com", "token_uri": srv.URL + "/token",
	})
	w.must(err)
	return g, secret.String(file)
}

// Cases are those that were made there.
func (g *GoogleSupport) Cases() []map[string]any {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.cases)
}

func (g *GoogleSupport) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	rw.Header().Set("Content-Type", "application/json")
	switch {
	case r.URL.Path == "/token":
		_, _ = io.WriteString(rw, `{"access_token":"google-token","expires_in":3599,"token_type":"Bearer"}`)
	case r.Header.Get("Authorization") != "Bearer google-token":
		rw.WriteHeader(http.StatusUnauthorized)
	case r.Method == http.MethodPost && r.URL.Path == "/v2/projects/shop-prod/cases":
		in := map[string]any{}
		_ = json.NewDecoder(r.Body).Decode(&in)
		g.cases = append(g.cases, in)
		_, _ = fmt.Fprintf(rw, `{"name":"projects/shop-prod/cases/4300%d","displayName":%q,"state":"NEW"}`, len(g.cases), in["displayName"])
	default:
		rw.WriteHeader(http.StatusNotFound)
	}
}
