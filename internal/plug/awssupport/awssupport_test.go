package awssupport

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

// support is a fake of the AWS Support API that believes nothing that is not signed.
type support struct {
	t      *testing.T
	made   []map[string]any
	status string
}

func refusal(kind, message string) plugtest.Reply {
	return plugtest.Reply{Status: http.StatusBadRequest, Body: `{"__type":"` + kind + `","message":"` + message + `"}`}
}

func (s *support) answer(r *http.Request, body []byte) plugtest.Reply {
	if r.Method != http.MethodPost || r.URL.Path != "/" || r.Header.Get("Content-Type") != "application/x-amz-json-1.1" || !plugtest.SignedForAWS(r, body, "us-east-1", "support", "x-amz-target") {
		return refusal("InvalidSignatureException", "The request signature we calculated does not match the signature you provided.")
	}
	var in map[string]any
	if err := json.Unmarshal(body, &in); err != nil {
		s.t.Error(err)
	}
	switch r.Header.Get("X-Amz-Target") {
	case "AWSSupport_20130415.CreateCase":
		s.made = append(s.made, in)
		return plugtest.Reply{Body: fmt.Sprintf(`{"caseId":"case-12345678910-muen-2026-%d"}`, len(s.made))}
	case "AWSSupport_20130415.DescribeCases":
		return s.describe(in)
	}
	return refusal("UnknownOperationException", "")
}

func (s *support) describe(in map[string]any) plugtest.Reply {
	if ids, ok := in["caseIdList"].([]any); ok {
		if len(ids) != 1 || ids[0] != "case-12345678910-muen-2026-1" || in["includeResolvedCases"] != true {
			return refusal("com.amazonaws.support#CaseIdNotFound", "The requested caseId couldn't be located.")
		}
	} else if in["afterTime"] != "2026-03-02T02:59:05Z" || in["includeResolvedCases"] != false {
		s.t.Errorf("looked for %v", in)
	}
	var list []string
	for i, c := range s.made {
		list = append(list, fmt.Sprintf(`{"caseId":"case-12345678910-muen-2026-%d","displayId":"100%d","subject":%q,"status":%q,"severityCode":%q}`, i+1, i+1, c["subject"], s.status, c["severityCode"]))
	}
	return plugtest.Reply{Body: `{"cases":[` + strings.Join(list, ",") + `]}`}
}

func opened(t *testing.T, with map[string]secret.String) (desk, *support, *plugtest.HTTP) {
	t.Helper()
	s := &support{t: t, status: "work-in-progress"}
	peer := (&plugtest.HTTP{Answer: s.answer}).Start(t)
	values := map[string]secret.String{"access_key_id": plugtest.AWSKeyID, "secret_access_key": plugtest.AWSSecret, "base_url": secret.String(peer.URL()), "cc": "ops@example.com"}
	for k, v := range with {
		values[k] = v
	}
	v, err := Plugin().Open(plug.Config{Guard: plug.NewGuard(plugtest.Loopback()...), Values: values})
	if err != nil {
		t.Fatal(err)
	}
	return v.(desk), s, peer
}

func wish(urgency string) plug.Message {
	return plug.Message{
		Kind: plug.CaseWanted, Channel: Name, Subject: "INC-7: volumes are slow", Text: "Since 03:04 UTC in eu-west-1", At: time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC),
		Case: plug.Case{Incident: "INC-7", Kind: plug.CaseSupport, Urgency: urgency, Params: map[string]string{"service_code": "amazon-elastic-block-store"}},
	}
}

// ESC-EXT-AWS, INT-AWS-SUPPORT: CreateCase of the JSON protocol, signed by Signature
// Version 4, with the severity for our urgency; the case is read until it is resolved.
func TestACase(t *testing.T) {
	d, s, _ := opened(t, nil)
	r, err := d.Send(t.Context(), wish("P1"))
	if err != nil || r.ProviderRef != "case-12345678910-muen-2026-1" || !r.Arrived {
		t.Fatalf("%+v %v", r, err)
	}
	want := map[string]any{
		"subject": "INC-7: volumes are slow", "serviceCode": "amazon-elastic-block-store", "categoryCode": "using-aws", "severityCode": "critical", "communicationBody": "Since 03:04 UTC in eu-west-1",
		"ccEmailAddresses": []any{"ops@example.com"}, "language": "en", "issueType": "technical",
	}
	if fmt.Sprint(s.made[0]) != fmt.Sprint(want) {
		t.Errorf("made %v\nwant %v", s.made[0], want)
	}
	st, err := d.Look(t.Context(), r.ProviderRef)
	if err != nil || st.Number != "1001" || st.State != "work in progress" || st.Over || st.Link != "https://support.console.aws.amazon.com/support/home#/case/?displayId=1001" {
		t.Errorf("%+v %v", st, err)
	}
	s.status = "resolved"
	if st, err = d.Look(t.Context(), r.ProviderRef); err != nil || !st.Over {
		t.Errorf("%+v %v", st, err)
	}
	if _, err := d.Look(t.Context(), "case-0"); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "CaseIdNotFound") {
		t.Errorf("another: %v", err)
	}
}

// The urgency is mapped, and never above what the plan allows.
func TestUrgency(t *testing.T) {
	for top, want := range map[string]string{"critical": "critical urgent high normal high", "urgent": "urgent urgent high normal high", "high": "high high high normal high", "normal": "normal normal normal normal normal"} {
		d, _, _ := opened(t, map[string]secret.String{"top_severity": secret.String(top)})
		var got []string
		for _, u := range []string{"P1", "P2", "P3", "P4", ""} {
			got = append(got, d.severity(u))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", top, got, want)
		}
	}
}

// A wish that may have arrived opens no second case.
func TestAResentWish(t *testing.T) {
	d, s, _ := opened(t, nil)
	m := wish("P2")
	if _, err := d.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	m.Again = true
	r, err := d.Send(t.Context(), m)
	if err != nil || r.ProviderRef != "case-12345678910-muen-2026-1" || len(s.made) != 1 {
		t.Errorf("%+v %v, made %d", r, err, len(s.made))
	}
	m.Subject = "INC-7: something else"
	if _, err := d.Send(t.Context(), m); err != nil || len(s.made) != 2 {
		t.Errorf("another wish: %v, made %d", err, len(s.made))
	}
}

func TestFailures(t *testing.T) {
	d, _, peer := opened(t, nil)
	for _, c := range []struct {
		reply plugtest.Reply
		kind  plug.FailureKind
		want  string
	}{
		{refusal("com.amazonaws.support#SubscriptionRequiredException", "Amazon Web Services Premium Support Subscription is required to use this service."), plug.Permanent, "Premium Support Subscription is required"},
		{refusal("com.amazonaws.support#CaseCreationLimitExceeded", "limit "+plugtest.AWSSecret), plug.Permanent, "CaseCreationLimitExceeded"},
		{refusal("ThrottlingException", "Rate exceeded"), plug.Retry, "Rate exceeded"},
		{plugtest.Reply{Status: 500, Body: `{"__type":"com.amazonaws.support#InternalServerError"}`}, plug.Unknown, "InternalServerError"},
		{refusal("ValidationException", "1 validation error detected"), plug.Permanent, "validation error"},
		{plugtest.Reply{Status: 503, Echo: true}, plug.Retry, ""},
		{plugtest.Reply{Body: `{}`}, plug.Unknown, "names no case"},
		{plugtest.Reply{Hangup: true}, plug.Unknown, ""},
	} {
		peer.Next(c.reply)
		_, err := d.Send(t.Context(), wish("P1"))
		if f := plug.FailureOf(err); err == nil || f.Kind != c.kind || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), plugtest.AWSSecret) {
			t.Errorf("%.60v: %v", c.reply, err)
		}
	}
	other, _, _ := opened(t, map[string]secret.String{"secret_access_key": "another"})
	if _, err := other.Send(t.Context(), wish("P1")); err == nil || !strings.Contains(err.Error(), "InvalidSignatureException") || plug.FailureOf(err).Kind != plug.Permanent {
		t.Errorf("another key: %v", err)
	}
}

func TestSettings(t *testing.T) {
	v, err := Plugin().Open(plug.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := v.(plug.CaseDesk).Desk(); ok {
		t.Error("a desk without settings")
	}
	if _, err := v.(plug.Channel).Send(t.Context(), wish("P1")); plug.FailureOf(err).Kind != plug.Permanent {
		t.Errorf("sent without settings: %v", err)
	}
	for _, values := range []map[string]secret.String{{"access_key_id": "x"}, {"region": "x"}, {"top_severity": "grave"}, {"cc": secret.String(strings.Repeat("a@b ", 11))}, {"base_url": "ftp://x"}} {
		var f *fault.Error
		if _, err := Plugin().Open(plug.Config{Values: values}); !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) != 1 {
			t.Errorf("%v: %v", values, err)
		}
	}
	cn, err := Plugin().Open(plug.Config{Values: map[string]secret.String{"access_key_id": "x", "secret_access_key": "y", "region": "cn-north-1"}})
	if err != nil || cn.(desk).base != "https://support.cn-north-1.amazonaws.com.cn" {
		t.Errorf("%+v %v", cn, err)
	}
}
