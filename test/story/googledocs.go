package story

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"allclear/internal/plug/google"
)

// Google is Docs and Drive as their APIs show them.
type Google struct {
	Peer
	Docs    []*GoogleDoc
	token   string
	invalid bool // the service account's key is not taken any more
	wrong   []string
}

// GoogleDoc is one document.
type GoogleDoc struct {
	ID, Title, Text, From, at string
	Parents                   []string
	Permissions               []object
}

// googleKey is made once: making one takes its time.
var googleKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

func (w *World) withGoogle(more ...string) *Google {
	w.Helper()
	g := &Google{}
	g.answer = func(r *http.Request, body []byte) (int, any) { return g.do(w, r, body) }
	at := w.peer(&g.Peer)
	der, err := x509.MarshalPKCS8PrivateKey(googleKey())
	w.must(err)
	key, err := json.Marshal(object{
		"type": "service_account", "client_email": "rooms@acme.iam.example", "private_key_id": "k1", "token_uri": at + "/token",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	w.must(err)
	values := map[string]string{"service_account": string(key), "docs_url": at, "drive_url": at + "/drive/v3"}
	for i := 0; i+1 < len(more); i += 2 {
		values[more[i]] = more[i+1]
	}
	w.Sets(google.Plugin(), values)
	return g
}

// verify checks the assertion as RFC 7523 and Google ask for.
func (g *Google) verify(assertion, audience string) string {
	part := strings.Split(assertion, ".")
	if len(part) != 3 {
		return "no JWT"
	}
	sum := sha256.Sum256([]byte(part[0] + "." + part[1]))
	sig, err := base64.RawURLEncoding.DecodeString(part[2])
	if err != nil || rsa.VerifyPKCS1v15(&googleKey().PublicKey, crypto.SHA256, sum[:], sig) != nil {
		return "the signature is wrong"
	}
	var head struct{ Alg, Typ, Kid string }
	var c struct {
		Iss, Aud, Scope string
		Iat, Exp        int64
	}
	for i, v := range []any{&head, &c} {
		raw, err := base64.RawURLEncoding.DecodeString(part[i])
		if err != nil || json.Unmarshal(raw, v) != nil {
			return "no JSON"
		}
	}
	if head.Alg != "RS256" || head.Typ != "JWT" || head.Kid != "k1" || c.Iss != "rooms@acme.iam.example" || !strings.HasSuffix(c.Aud, audience) || c.Exp-c.Iat > 3600 || !strings.Contains(c.Scope, "auth/documents") {
		return fmt.Sprintf("claims %+v %+v", head, c)
	}
	return ""
}

func (g *Google) do(w *World, r *http.Request, body []byte) (int, any) {
	if r.URL.Path == "/token" {
		form, _ := url.ParseQuery(string(body))
		bad := g.verify(form.Get("assertion"), "/token")
		if form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || bad != "" {
			g.wrong = append(g.wrong, "assertion: "+bad)
		}
		if g.invalid || bad != "" {
			return http.StatusBadRequest, object{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
		}
		g.token = fmt.Sprintf("g-%d", len(g.calls))
		return http.StatusOK, object{"access_token": g.token, "expires_in": 3599, "token_type": "Bearer"}
	}
	if r.Header.Get("Authorization") != "Bearer "+g.token {
		return http.StatusUnauthorized, object{"error": object{"code": 401, "status": "UNAUTHENTICATED"}}
	}
	in := readJSON(body)
	made := func(title, from string, parents []string) *GoogleDoc {
		d := &GoogleDoc{ID: fmt.Sprintf("doc%d", len(g.Docs)+1), Title: title, From: from, Parents: parents, at: w.wall.Load().UTC().Format("2006-01-02T15:04:05Z")}
		if from != "" {
			d.Text = "Notes of {{number}}: {{title}}\n"
		}
		g.Docs = append(g.Docs, d)
		return d
	}
	path := r.URL.Path
	switch {
	case path == "/v1/documents" && r.Method == http.MethodPost:
		return http.StatusOK, object{"documentId": made(textOf(in, "title"), "", nil).ID}
	case path == "/drive/v3/files" && r.Method == http.MethodGet:
		list := []any{}
		for _, d := range g.Docs {
			if strings.Contains(r.URL.Query().Get("q"), "name = '"+strings.ReplaceAll(d.Title, "'", `\'`)+"'") {
				list = append(list, object{"id": d.ID, "createdTime": d.at})
			}
		}
		return http.StatusOK, object{"files": list}
	case strings.HasSuffix(path, "/copy"):
		parents := []string{}
		for _, p := range in["parents"].([]any) {
			parents = append(parents, p.(string))
		}
		return http.StatusOK, object{"id": made(textOf(in, "name"), strings.Split(path, "/")[4], parents).ID}
	}
	for _, d := range g.Docs {
		switch {
		case strings.HasSuffix(path, "/files/"+d.ID+"/permissions"):
			d.Permissions = append(d.Permissions, in)
			return http.StatusOK, object{"id": "p"}
		case strings.HasSuffix(path, "/documents/"+d.ID+":batchUpdate"):
			return d.update(in)
		case strings.HasSuffix(path, "/documents/"+d.ID):
			return http.StatusOK, object{"body": object{"content": []any{object{"paragraph": object{"elements": []any{object{"textRun": object{"content": d.Text}}}}}}}}
		case strings.HasSuffix(path, "/files/"+d.ID) && r.Method == http.MethodPatch:
			d.Parents = append(d.Parents, r.URL.Query().Get("addParents"))
			return http.StatusOK, object{"id": d.ID}
		}
	}
	return http.StatusNotFound, object{"error": object{"code": 404}}
}

func (d *GoogleDoc) update(in object) (int, any) {
	list, _ := in["requests"].([]any)
	for _, x := range list {
		q, _ := x.(object)
		if i, ok := q["insertText"].(object); ok {
			if _, end := i["endOfSegmentLocation"].(object); !end || textOf(i, "text") == "" {
				return http.StatusBadRequest, object{"error": object{"code": 400}}
			}
			d.Text += textOf(i, "text")
			continue
		}
		if i, ok := q["replaceAllText"].(object); ok {
			d.Text = strings.ReplaceAll(d.Text, textOf(i, "containsText", "text"), textOf(i, "replaceText"))
			continue
		}
		return http.StatusBadRequest, object{"error": object{"code": 400, "message": "unknown request"}}
	}
	return http.StatusOK, object{"documentId": d.ID}
}
