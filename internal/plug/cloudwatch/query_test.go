package cloudwatch

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

// fakeAWS is a fake of the CloudWatch API that believes nothing that is not signed.
type fakeAWS struct {
	t     *testing.T
	srv   *httptest.Server
	asked []url.Values
	next  []plugtest.Reply // answers in turn
}

func startAWS(t *testing.T, next ...plugtest.Reply) *fakeAWS {
	t.Helper()
	a := &fakeAWS{t: t, next: next}
	a.srv = httptest.NewServer(a)
	t.Cleanup(a.srv.Close)
	return a
}

func (a *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var token []string
	if r.Header.Get("X-Amz-Security-Token") != "" {
		token = []string{"x-amz-security-token"}
	}
	if r.Method != http.MethodPost || r.URL.Path != "/" || !plugtest.SignedForAWS(r, body, "eu-west-1", "monitoring", token...) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, errorOf("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."))
		return
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		a.t.Error(err)
	}
	a.asked = append(a.asked, form)
	reply := plugtest.Reply{Body: answer("")}
	if len(a.next) > 0 {
		reply, a.next = a.next[0], a.next[1:]
	}
	for k, v := range reply.Header {
		w.Header()[k] = v
	}
	if reply.Status != 0 {
		w.WriteHeader(reply.Status)
	}
	_, _ = io.WriteString(w, reply.Body)
}

func errorOf(code, message string) string {
	return `<ErrorResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><Error><Type>Sender</Type><Code>` + code + `</Code><Message>` + message + `</Message></Error><RequestId>r</RequestId></ErrorResponse>`
}

func answer(inner string) string {
	return `<GetMetricDataResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><GetMetricDataResult>` + inner + `</GetMetricDataResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetMetricDataResponse>`
}

func asking(t *testing.T, a *fakeAWS, with map[string]string) *source {
	t.Helper()
	values := map[string]secret.String{"access_key_id": plugtest.AWSKeyID, "secret_access_key": plugtest.AWSSecret, "region": "eu-west-1", "base_url": secret.String(a.srv.URL)}
	for k, v := range with {
		values[k] = secret.String(v)
	}
	v, err := Plugin().Open(plug.Config{Guard: plug.NewGuard(plugtest.Loopback()...), Values: values})
	if err != nil {
		t.Fatal(err)
	}
	return v.(*source)
}

var from = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// DET-STACK-CLOUDWATCH, INT-CLOUDWATCH (the pull): GetMetricData, signed with
// Signature Version 4, page after page.
func TestQuery(t *testing.T) {
	a := startAWS(t,
		plugtest.Reply{Body: answer(`<MetricDataResults>
			<member><Id>q1</Id><Label>i-1</Label><StatusCode>PartialData</StatusCode><Timestamps><member>2026-03-02T03:00:00Z</member><member>2026-03-02T03:01:00Z</member></Timestamps><Values><member>12.5</member><member>1.0E-3</member></Values></member>
			<member><Id>q1</Id><Label>i-2</Label><StatusCode>Complete</StatusCode><Timestamps/><Values/></member></MetricDataResults><NextToken>more/+=</NextToken><Messages/>`)},
		plugtest.Reply{Body: answer(`<MetricDataResults><member><Id>q1</Id><Label>i-1</Label><StatusCode>Complete</StatusCode><Timestamps><member>2026-03-02T03:02:00Z</member><member>torn</member></Timestamps><Values><member>7</member><member>8</member></Values></member></MetricDataResults>`)})
	s := asking(t, a, map[string]string{"session_token": "token-of-the-session"})
	if !s.Queries() {
		t.Fatal("cannot be asked")
	}
	text := `SELECT AVG(CPUUtilization) FROM "AWS/EC2" WHERE Name = 'ü & ü' GROUP BY InstanceId`
	got, err := s.Query(t.Context(), text, from, from.Add(time.Hour))
	if err != nil || len(got) != 2 || len(a.asked) != 2 {
		t.Fatalf("%+v %v, asked %d times", got, err, len(a.asked))
	}
	if g := got[0]; g.Name != "i-1" || len(g.Points) != 3 || !g.Points[0].At.Equal(from) || g.Points[0].Value != 12.5 || g.Points[1].Value != 0.001 || !g.Points[2].At.Equal(from.Add(2*time.Minute)) || g.Points[2].Value != 7 {
		t.Errorf("got %+v", g)
	}
	if got[1].Name != "i-2" || len(got[1].Points) != 0 {
		t.Errorf("got %+v", got[1])
	}
	want := url.Values{
		"Action": {"GetMetricData"}, "Version": {"2010-08-01"}, "StartTime": {"2026-03-02T03:00:00Z"}, "EndTime": {"2026-03-02T04:00:00Z"}, "ScanBy": {"TimestampAscending"},
		"MetricDataQueries.member.1.Id": {"q1"}, "MetricDataQueries.member.1.Expression": {text}, "MetricDataQueries.member.1.Period": {"60"},
	}
	if a.asked[0].Encode() != want.Encode() || a.asked[1].Get("NextToken") != "more/+=" {
		t.Errorf("asked %v", a.asked)
	}
}

func TestQueryRefused(t *testing.T) {
	endless := make([]plugtest.Reply, maxPages)
	for i := range endless {
		endless[i] = plugtest.Reply{Body: answer(`<NextToken>again</NextToken>`)}
	}
	for _, c := range []struct {
		replies []plugtest.Reply
		with    map[string]string
		kind    fault.Kind
		want    string
		after   time.Duration
	}{
		{nil, map[string]string{"secret_access_key": "another"}, fault.Unavailable, "refuses the credentials of the settings: SignatureDoesNotMatch", 0},
		{[]plugtest.Reply{{Status: 400, Body: errorOf("ValidationError", "Error in expression 'q1': "+plugtest.AWSSecret)}}, nil, fault.Invalid, "CloudWatch refuses the query: Error in expression", 0},
		{[]plugtest.Reply{{Status: 400, Body: errorOf("Throttling", "Rate exceeded"), Header: http.Header{"Retry-After": {"9"}}}}, nil, fault.Unavailable, "asked too often", 0},
		{[]plugtest.Reply{{Status: 429, Header: http.Header{"Retry-After": {"9"}}}}, nil, fault.Unavailable, "asked too often", 9 * time.Second},
		{[]plugtest.Reply{{Status: 403, Body: errorOf("AccessDenied", "not authorized to perform: cloudwatch:GetMetricData")}}, nil, fault.Unavailable, "AccessDenied: not authorized", 0},
		{[]plugtest.Reply{{Status: 500}}, nil, fault.Unavailable, "ask CloudWatch", 0},
		{[]plugtest.Reply{{Body: "{}"}}, nil, fault.Unavailable, "not what its API documents", 0},
		{[]plugtest.Reply{{Body: answer(`<MetricDataResults><member><Id>q1</Id><Label>x</Label><StatusCode>Forbidden</StatusCode><Messages><member><Code>c</Code><Value>of another account</Value></member></Messages></member></MetricDataResults>`)}}, nil, fault.Unavailable, "of another account", 0},
		{endless, nil, fault.Invalid, "more than 10 pages", 0},
	} {
		a := startAWS(t, c.replies...)
		_, err := asking(t, a, c.with).Query(t.Context(), "x", from, from.Add(time.Hour))
		if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), plugtest.AWSSecret) || plug.FailureOf(err).RetryAfter != c.after {
			t.Errorf("%.90v: got %v, after %s", c.replies, err, plug.FailureOf(err).RetryAfter)
		}
	}
}

func TestPeriod(t *testing.T) {
	for span, want := range map[time.Duration]int{time.Second: 60, time.Hour: 60, 24 * time.Hour: 60, 24*time.Hour + time.Minute: 120, 31 * 24 * time.Hour: 31 * 60} {
		if got := period(span); got != want || span > time.Second && int(span.Seconds())/got > maxSteps {
			t.Errorf("%s: %d, want %d", span, got, want)
		}
	}
}

func TestStoreSettings(t *testing.T) {
	v, err := Plugin().Open(plug.Config{})
	if err != nil || v.(plug.Querier).Queries() {
		t.Fatalf("without a key: %v", err)
	}
	for region, want := range map[string]string{"eu-west-1": "https://monitoring.eu-west-1.amazonaws.com", "us-gov-east-1": "https://monitoring.us-gov-east-1.amazonaws.com", "cn-north-1": "https://monitoring.cn-north-1.amazonaws.com.cn"} {
		v, err := Plugin().Open(plug.Config{Values: map[string]secret.String{"access_key_id": plugtest.AWSKeyID, "secret_access_key": plugtest.AWSSecret, "region": secret.String(region)}})
		if err != nil || v.(*source).base != want || !v.(plug.Querier).Queries() {
			t.Errorf("region %q: %v", region, err)
		}
	}
	for _, values := range []map[string]secret.String{
		{"access_key_id": plugtest.AWSKeyID},
		{"secret_access_key": "k"},
		{"access_key_id": plugtest.AWSKeyID, "secret_access_key": "k"},
		{"access_key_id": plugtest.AWSKeyID, "secret_access_key": "k", "region": "evil.example/"},
		{"access_key_id": plugtest.AWSKeyID, "secret_access_key": "k", "region": "eu-west-1", "base_url": "x"},
	} {
		var f *fault.Error
		if _, err := Plugin().Open(plug.Config{Values: values}); !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) != 1 {
			t.Errorf("%v: %v", values, err)
		}
	}
}
