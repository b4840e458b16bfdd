package plugtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// The key pair of AWS' documentation, which opens nothing.
const (
	AWSKeyID  = "AKIDEXAMPLE"
	AWSSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

// SignedForAWS reports whether a request is signed for a service in a region with
// the key pair by Signature Version 4, with these headers among the signed ones. It
// goes by the steps of AWS' documentation ("Create a signed AWS API request") and
// not by the library.
func SignedForAWS(r *http.Request, body []byte, region, service string, headers ...string) bool {
	var id, list, given string
	_, err := fmt.Sscanf(strings.ReplaceAll(r.Header.Get("Authorization"), ",", ""), "AWS4-HMAC-SHA256 Credential=%s SignedHeaders=%s Signature=%s", &id, &list, &given)
	part, names := strings.Split(id, "/"), strings.Split(list, ";")
	if err != nil || len(part) != 5 || part[0] != AWSKeyID || part[2] != region || part[3] != service || !strings.HasPrefix(r.Header.Get("X-Amz-Date"), part[1]) {
		return false
	}
	for _, n := range append([]string{"host", "content-type", "x-amz-date"}, headers...) {
		if !slices.Contains(names, n) {
			return false
		}
	}
	var heads strings.Builder
	for _, h := range names {
		v := r.Header.Get(h)
		switch h {
		case "host":
			v = r.Host
		case "content-length":
			v = fmt.Sprint(r.ContentLength)
		}
		heads.WriteString(h + ":" + strings.TrimSpace(v) + "\n")
	}
	sum := sha256.Sum256(body)
	canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, heads.String(), list, hex.EncodeToString(sum[:])}, "\n")
	hashed := sha256.Sum256([]byte(canonical))
	toSign := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), strings.Join(part[1:4], "/") + "/aws4_request", hex.EncodeToString(hashed[:])}, "\n")
	key := mac(mac(mac(mac([]byte("AWS4"+AWSSecret), part[1]), region), service), "aws4_request")
	return given == hex.EncodeToString(mac(key, toSign))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
