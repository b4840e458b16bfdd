package mailin_test

import (
	"strings"
	"testing"

	"allclear/internal/edge/mailin"
)

func dsn(groups string) []byte {
	return crlf("From: MAILER-DAEMON@relay.example\nTo: bounce+1-a@in.example\nSubject: Undelivered\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
		"--b\nContent-Type: text/plain\n\nIt could not be delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\nArrival-Date: Mon, 2 Mar 2026 10:00:00 +0000\n\n" + groups + "\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\ny\n--b--\n")
}

// What mail servers say of a mail they had accepted, and what is no such report.
//
// Clauses: COM-CUST-EMAIL
func TestReports(t *testing.T) {
	for name, c := range map[string]struct {
		raw    []byte
		ok     bool
		failed bool
		detail string
	}{
		"failed":       {dsn("Final-Recipient: rfc822; ida@acme.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <ida@acme.example>:\n User unknown\n"), true, true, "5.1.1 550 5.1.1 <ida@acme.example>: User unknown"},
		"capitals":     {dsn("Final-recipient: rfc822; a@b\nACTION: Failed\nSTATUS: 5.0.0\n"), true, true, "5.0.0"},
		"delayed":      {dsn("Final-Recipient: rfc822; a@b\nAction: delayed\nStatus: 4.4.1\n"), true, false, "4.4.1"},
		"given up":     {dsn("Final-Recipient: rfc822; a@b\nAction: failed\nStatus: 4.4.7\n"), true, false, "4.4.7"},
		"delivered":    {dsn("Final-Recipient: rfc822; a@b\nAction: delivered\nStatus: 2.0.0\n"), true, false, "2.0.0"},
		"second group": {dsn("Final-Recipient: rfc822; a@b\nAction: relayed\nStatus: 2.0.0\n\nFinal-Recipient: rfc822; c@d\nAction: failed\nStatus: 5.2.1\n"), true, true, "5.2.1"},
		"holiday":      {crlf("From: ida@acme.example\nSubject: Away\nAuto-Submitted: auto-replied\n\nI am away. Action: failed\nStatus: 5.1.1\n"), false, false, ""},
		"read receipt": {crlf("Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nAction: failed\nStatus: 5.1.1\n\n--b--\n"), false, false, ""},
		"no status":    {crlf("Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nx\n--b--\n"), false, false, ""},
		"empty":        {nil, false, false, ""},
		"no boundary":  {crlf("Content-Type: multipart/report; report-type=delivery-status\n\nx"), false, false, ""},
	} {
		r, ok := mailin.Report(c.raw)
		if ok != c.ok || r.Failed != c.failed || r.Detail != c.detail {
			t.Errorf("%s: %v %+v", name, ok, r)
		}
	}
}

func FuzzReport(f *testing.F) {
	f.Add(dsn("Action: failed\nStatus: 5.1.1\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if r, ok := mailin.Report(raw); !ok && r.Failed || len(r.Detail) > 1200 || strings.ContainsAny(r.Detail, "\r\n\x00") {
			t.Errorf("%v %+v", ok, r)
		}
	})
}
