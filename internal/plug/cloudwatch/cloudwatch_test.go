package cloudwatch

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

// Messages in the shapes CloudWatch and EventBridge write.
const (
	metricAlarm = `{"AlarmName":"db-cpu","AlarmDescription":"CPU of the main database.\nseverity: critical\nRunbook https://wiki.example.net/db-cpu.","AWSAccountId":"123456789012","AlarmConfigurationUpdatedTimestamp":"2026-03-01T10:00:00.000+0000","NewStateValue":"ALARM","NewStateReason":"Threshold Crossed: 1 datapoint [97.5] was greater than the threshold (90.0).","StateChangeTime":"2026-03-02T03:03:45.093+0000","Region":"EU (Ireland)","AlarmArn":"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:db-cpu","OldStateValue":"OK","OKActions":["arn:aws:sns:eu-west-1:123456789012:alarms"],"AlarmActions":["arn:aws:sns:eu-west-1:123456789012:alarms"],"InsufficientDataActions":[],"Trigger":{"MetricName":"CPUUtilization","Namespace":"AWS/RDS","StatisticType":"Statistic","Statistic":"AVERAGE","Unit":null,"Dimensions":[{"value":"db-7","name":"DBInstanceIdentifier"}],"Period":60,"EvaluationPeriods":1,"ComparisonOperator":"GreaterThanThreshold","Threshold":90.0,"TreatMissingData":"","EvaluateLowSampleCountPercentile":""}}`
	composite   = `{"AlarmName":"checkout-down","AlarmDescription":null,"AWSAccountId":"123456789012","NewStateValue":"ALARM","NewStateReason":"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:api-5xx transitioned to ALARM","StateChangeTime":"2026-03-02T03:03:45.093+0000","Region":"EU (Ireland)","AlarmArn":"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:checkout-down","OldStateValue":"OK","AlarmRule":"ALARM(api-5xx) AND ALARM(api-latency)","TriggeringChildren":[{"Arn":"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:api-5xx","State":{"Value":"ALARM","Timestamp":"2026-03-02T03:03:44.000+0000"}}]}`
	mathAlarm   = `{"AlarmName":"error-rate","AlarmArn":"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:error-rate","AWSAccountId":"123456789012","NewStateValue":"ALARM","NewStateReason":"r","StateChangeTime":"2026-03-02T03:03:45.093+0000","Region":"EU (Ireland)","Trigger":{"Period":60,"Threshold":5,"Metrics":[{"Id":"e1","Expression":"m1/m2*100","ReturnData":true},{"Id":"m1","MetricStat":{"Metric":{"Dimensions":[{"value":"shop","name":"ApiName"}],"MetricName":"5XXError","Namespace":"AWS/ApiGateway"},"Period":60,"Stat":"Sum"},"ReturnData":false}]}}`
	oldAlarm    = `{"AlarmName":"bytes","AlarmDescription":"bucket is large","AWSAccountId":"123456789012","NewStateValue":"ALARM","NewStateReason":"r","StateChangeTime":"2019-02-15T23:53:45.093+0000","Region":"EU (Ireland)","OldStateValue":"INSUFFICIENT_DATA","Trigger":{"MetricName":"BucketSizeBytes","Namespace":"AWS/S3","Dimensions":[{"Value":"files","Name":"BucketName"}],"Threshold":0.0}}`
	bridged     = `{"version":"0","id":"c4c1c1c9-0000-4000-8000-8c4d36933a92","detail-type":"CloudWatch Alarm State Change","source":"aws.cloudwatch","account":"123456789012","time":"2026-03-02T03:03:46Z","region":"eu-west-1","resources":["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:db-cpu"],"detail":{"alarmName":"db-cpu","configuration":{"description":"CPU of the main database. severity=error","metrics":[{"id":"a","metricStat":{"metric":{"dimensions":{"DBInstanceIdentifier":"db-7"},"name":"CPUUtilization","namespace":"AWS/RDS"},"period":60,"stat":"Average"},"returnData":true}]},"previousState":{"value":"OK","timestamp":"2026-03-02T02:00:00.000+0000"},"state":{"reason":"Threshold Crossed","timestamp":"2026-03-02T03:03:45.093+0000","value":"ALARM"}}}`
	health      = `{"version":"0","id":"7bf73129","detail-type":"AWS Health Event","source":"aws.health","account":"123456789012","time":"2026-03-02T03:00:00Z","region":"eu-west-1","resources":["i-abcd1111"],"detail":{"eventArn":"arn:aws:health:eu-west-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/1","service":"EC2","eventTypeCode":"AWS_EC2_OPERATIONAL_ISSUE","eventTypeCategory":"issue","statusCode":"open","eventDescription":[{"language":"en_US","latestDescription":"Instances in one zone are not reachable."}]}}`
)

// preparing is the source as the edge uses it: what it needs is fetched first.
type preparing struct{ *source }

func (p preparing) Parse(in plug.Inbound) (plug.Received, error) {
	if err := p.Prepare(context.Background(), in); err != nil {
		return plug.Received{}, err
	}
	return p.source.Parse(in)
}

// Clauses: DET-STACK-CLOUDWATCH, INT-CLOUDWATCH
func TestContract(t *testing.T) {
	w := newWorld(t)
	p := Plugin()
	p.Open = func(plug.Config) (any, error) { return preparing{w.open()}, nil }
	var calls []plug.Inbound
	for _, text := range []string{metricAlarm, strings.Replace(metricAlarm, `"ALARM"`, `"OK"`, 1), composite, mathAlarm, oldAlarm, bridged, health, "Hello world"} {
		calls = append(calls, w.signed(notification(text)))
	}
	calls = append(calls, w.signed(notification("a text").with("Subject", "My First Message", "SignatureVersion", "1")))
	plugtest.Source(t, plugtest.SourceCase{Open: p, Signed: true, Calls: calls})
}

// An ALARM opens an alert and the OK of the same alarm ends it, whichever way they
// come. Clauses: DET-STACK-CLOUDWATCH, INT-CLOUDWATCH
func TestAlarms(t *testing.T) {
	w := newWorld(t)
	s := w.open()
	read := func(text string) alert.Signal {
		t.Helper()
		got, err := s.Parse(w.prepared(s, notification(text)))
		if err != nil || len(got.Signals) != 1 {
			t.Fatalf("%v %+v", err, got)
		}
		plugtest.CheckReceived(t, got)
		return got.Signals[0]
	}
	a := read(metricAlarm)
	if a.Action != alert.Trigger || a.Severity != "critical" || a.Summary != "db-cpu: CPU of the main database." || a.Origin != "db-7" || a.Component != "AWS/RDS" ||
		a.Class != "CPUUtilization" || a.Group != "123456789012" || a.Labels["region"] != "eu-west-1" || a.Labels["DBInstanceIdentifier"] != "db-7" || a.Source != Name ||
		!a.StartedAt.Equal(time.Date(2026, 3, 2, 3, 3, 45, 93e6, time.UTC)) || a.StartedAt.Location() != time.UTC {
		t.Errorf("alarm %+v", a)
	}
	if len(a.Links) != 2 || a.Links[0].Href != "https://console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/db-cpu" || a.Links[1].Href != "https://wiki.example.net/db-cpu" {
		t.Errorf("links %+v", a.Links)
	}
	doc, _ := json.Marshal(a.Details)
	if !strings.Contains(string(doc), "was greater than the threshold") || !strings.Contains(string(doc), `"Threshold":90`) {
		t.Errorf("details %s", doc)
	}
	for name, text := range map[string]string{"metric": metricAlarm, "composite": composite, "math": mathAlarm, "without an ARN": oldAlarm, "EventBridge": bridged} {
		up, over := read(text), read(strings.Replace(strings.Replace(text, `"NewStateValue":"ALARM"`, `"NewStateValue":"OK"`, 1), `"value":"ALARM"`, `"value":"OK"`, 1))
		if up.Action != alert.Trigger || over.Action != alert.Resolve || up.DedupKey != over.DedupKey {
			t.Errorf("%s: %s %q and %s %q", name, up.Action, up.DedupKey, over.Action, over.DedupKey)
		}
	}
	if b := read(bridged); b.DedupKey != a.DedupKey || b.Severity != "error" || b.Origin != "db-7" || b.Class != "CPUUtilization" || !b.StartedAt.Equal(a.StartedAt) {
		t.Errorf("the same alarm by EventBridge: %+v", b)
	}
	if m := read(mathAlarm); m.Component != "AWS/ApiGateway" || m.Class != "5XXError" || m.Origin != "shop" {
		t.Errorf("metric math %+v", m)
	}
	c := read(composite)
	if doc, _ := json.Marshal(c.Details); !strings.Contains(string(doc), "AlarmRule") || !strings.Contains(string(doc), "TriggeringChildren") || c.Severity != "" || c.Summary != "checkout-down" {
		t.Errorf("composite %+v", c)
	}
	none := read(strings.Replace(metricAlarm, `"NewStateValue":"ALARM"`, `"NewStateValue":"INSUFFICIENT_DATA"`, 1))
	if none.Action != alert.Trigger || none.Severity != "warning" || none.DedupKey != a.DedupKey || !strings.HasPrefix(none.Summary, "No data: ") {
		t.Errorf("no data %+v", none)
	}
	series := strings.Replace(metricAlarm, `"Region"`, `"AlarmContributorId":"6d442278","AlarmContributorAttributes":{"InstanceId":"i-1"},"Region"`, 1)
	if one := read(series); one.DedupKey != a.DedupKey+"/6d442278" || one.Labels["InstanceId"] != "i-1" {
		t.Errorf("one series %+v", one)
	}
	open, closed := read(health), read(strings.Replace(health, `"open"`, `"closed"`, 1))
	if open.Action != alert.Trigger || closed.Action != alert.Resolve || open.DedupKey != closed.DedupKey || !strings.Contains(open.Summary, "not reachable") || open.Component != "EC2" {
		t.Errorf("health %+v %+v", open, closed)
	}
}

func (w *world) prepared(s *source, m message) plug.Inbound {
	w.t.Helper()
	in := w.signed(m)
	if err := s.Prepare(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
	return in
}

func TestPlainMessages(t *testing.T) {
	w := newWorld(t)
	s := w.open()
	for _, c := range []struct{ subject, text, want string }{
		{"Disk is full", "See below", "Disk is full"}, {"", "First line\nsecond", "First line"}, {"", " ", "Message without a text from Amazon SNS"}, {"", `{"some":"thing"}`, `{"some":"thing"}`},
	} {
		m := notification(c.text)
		if c.subject != "" {
			m = m.with("Subject", c.subject)
		}
		got, err := s.Parse(w.prepared(s, m))
		if err != nil || len(got.Signals) != 1 || got.Signals[0].Summary != c.want || got.Signals[0].Labels["topic"] != topic {
			t.Errorf("%q: %v %+v", c.text, err, got)
		}
		other, err := s.Parse(w.prepared(s, m.with("MessageId", "another")))
		if err != nil || len(other.Signals) != 1 || other.Signals[0].DedupKey == got.Signals[0].DedupKey {
			t.Errorf("%q: two messages are one alert: %v %+v", c.text, err, other)
		}
	}
}

// Clauses: INT-CLOUDWATCH
func TestTheSameMessageCountsOnce(t *testing.T) {
	w := newWorld(t)
	s := w.open()
	in := w.signed(notification(metricAlarm))
	if got, err := take(t, s, in); err != nil || len(got.Signals) != 1 {
		t.Fatalf("%v %+v", err, got)
	}
	got, err := take(t, s, in)
	if err != nil || len(got.Signals) != 0 || !strings.Contains(string(got.Reply.Body), "duplicate") || got.Reply.Status != 200 {
		t.Errorf("again: %v %+v %s", err, got, got.Reply.Body)
	}
	elsewhere := in
	elsewhere.URL = "https://allclear.test/hooks/cloudwatch/key-2"
	if got, err := take(t, s, elsewhere); err != nil || len(got.Signals) != 1 {
		t.Errorf("at another hook: %v %+v", err, got)
	}
	unstored := w.signed(notification(metricAlarm).with("MessageId", "two"))
	for range 2 { // was not kept the first time: Finish was not called
		if got, err := s.Parse(unstored); err != nil || len(got.Signals) != 1 {
			t.Errorf("sent again because it was not kept: %v %+v", err, got)
		}
	}
	for i := range remembered + 10 {
		s.seen.remember("scope", string(rune('a'+i%26))+strings.Repeat("x", i/26), nil)
	}
	if len(s.seen.messages) > remembered || len(s.seen.order) > remembered {
		t.Errorf("remembers %d messages", len(s.seen.messages))
	}
}

// SNS keeps no order. An OK that was overtaken ends nothing; an ALARM that was
// still counts.
func TestAnOvertakenOKEndsNothing(t *testing.T) {
	w := newWorld(t)
	s := w.open()
	ok := strings.Replace(metricAlarm, `"NewStateValue":"ALARM"`, `"NewStateValue":"OK"`, 1)
	earlier := func(text string) string { return strings.Replace(text, "03:03:45.093", "03:01:00.000", 1) }
	later := func(text string) string { return strings.Replace(text, "03:03:45.093", "03:05:00.000", 1) }
	for i, c := range []struct {
		text string
		want int
	}{{metricAlarm, 1}, {earlier(ok), 0}, {earlier(metricAlarm), 1}, {later(ok), 1}, {ok, 1}} {
		got, err := take(t, s, w.signed(notification(c.text).with("MessageId", "m"+string(rune('0'+i)))))
		if err != nil || len(got.Signals) != c.want {
			t.Errorf("message %d: %v %+v", i, err, got)
		}
	}
}

// Clauses: INT-CLOUDWATCH
func TestSubscriptionIsConfirmed(t *testing.T) {
	w := newWorld(t)
	w.page("https://"+host+"/", "<ConfirmSubscriptionResponse/>")
	s := w.open()
	got, err := take(t, s, w.signed(confirmation()))
	if err != nil || len(got.Signals) != 0 || got.Reply.Status != 200 {
		t.Fatalf("%v %+v", err, got)
	}
	_, calls := w.counted()
	if want := "GET " + host + "/?Action=ConfirmSubscription&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A123456789012%3Aalarms&Token=2336412f37fb687f5d51"; len(calls) != 2 || calls[1] != want {
		t.Errorf("calls %q", calls)
	}
	over := confirmation().with("Type", kindUnsubscribe)
	if got, err := take(t, s, w.signed(over)); err != nil || len(got.Signals) != 0 || !strings.Contains(string(got.Reply.Body), "ended") {
		t.Errorf("unsubscribed: %v %s", err, got.Reply.Body)
	}
	if _, calls := w.counted(); len(calls) != 2 {
		t.Errorf("an ended subscription was taken up again: %q", calls)
	}
}

func TestAConfirmationThatFails(t *testing.T) {
	for status, want := range map[int]fault.Kind{http.StatusInternalServerError: fault.Unavailable, http.StatusTooManyRequests: fault.Unavailable, http.StatusForbidden: fault.Invalid, http.StatusFound: fault.Invalid} {
		w := newWorld(t)
		w.on("https://"+host+"/", func(rw http.ResponseWriter) {
			rw.Header().Set("Location", "https://"+host+"/elsewhere")
			rw.WriteHeader(status)
		})
		if _, err := take(t, w.open(), w.signed(confirmation())); !fault.Is(err, want) || strings.Contains(err.Error(), "2336412f37fb687f5d51") {
			t.Errorf("%d: %v", status, err)
		}
		if _, calls := w.counted(); len(calls) != 2 {
			t.Errorf("%d: followed a redirect: %q", status, calls)
		}
	}
}

func TestTopics(t *testing.T) {
	w := newWorld(t)
	s := w.open("topics", "arn:aws:sns:eu-west-1:123456789012:other, "+topic)
	if _, err := take(t, s, w.signed(notification(metricAlarm))); err != nil {
		t.Errorf("a topic of the list: %v", err)
	}
	before, _ := w.counted()
	for _, m := range []message{notification(metricAlarm).with("TopicArn", topic+"2"), confirmation().with("TopicArn", "arn:aws:sns:eu-west-1:999999999999:alarms")} {
		if _, err := take(t, s, w.signed(m)); !fault.Is(err, fault.Refused) {
			t.Errorf("%v: %v", m["TopicArn"], err)
		}
	}
	if after, _ := w.counted(); after != before {
		t.Error("something was fetched for a topic that is not taken")
	}
	reg, err := plug.NewRegistry(Plugin())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reg.Open(Name, plug.Config{Values: map[string]secret.String{"topics": "alarms"}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a topic that is no ARN: %v", err)
	}
}

// A message without the envelope has no signature; the hook's secret vouches for
// it, or it is refused. Clauses: INT-CLOUDWATCH
func TestRawMessageDelivery(t *testing.T) {
	w := newWorld(t)
	s := w.open()
	in := unsigned(nil)
	for _, body := range []string{metricAlarm, bridged, `{"Message":{"AlarmName":"api","Threshold":5,"Priority":"P1"}}`, `{"Message":` + quoted(metricAlarm) + `}`} {
		in.Body, in.Secret, in.Header = []byte(body), "", http.Header{}
		if _, err := take(t, s, in); !fault.Is(err, fault.Unauthenticated) || !strings.Contains(err.Error(), "raw message delivery") {
			t.Errorf("without a secret: %v", err)
		}
		in.Secret = "hook-secret"
		if _, err := take(t, s, in); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("secret not shown: %v", err)
		}
		in.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("sns:hook-secret")))
		got, err := take(t, s, in)
		if err != nil || len(got.Signals) != 1 || got.Signals[0].Action != alert.Trigger {
			t.Errorf("secret shown: %v %+v", err, got)
		}
		plugtest.CheckReceived(t, got)
	}
	in.Body = []byte(`{"Message":{"AlarmName":"api","Priority":"P1"}}`)
	if got, _ := take(t, s, in); len(got.Signals) != 1 || got.Signals[0].Severity != "critical" {
		t.Errorf("priority: %+v", got)
	}
	in.Body = unsigned(notification(metricAlarm).with("Signature", "AAAA")).Body
	if _, err := take(t, s, in); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("the secret stands in for no signature of an envelope: %v", err)
	}
}

// What other services of AWS tell by EventBridge and by SNS itself.
func TestOtherServices(t *testing.T) {
	event := func(from, kind, resources, detail string) string {
		return `{"version":"0","id":"e-1","detail-type":"` + kind + `","source":"` + from + `","account":"123456789012","time":"2026-03-02T03:03:00Z","region":"eu-west-1","resources":[` + resources + `],"detail":` + detail + `}`
	}
	pipeline := func(state string) string {
		return event("aws.codepipeline", "CodePipeline Pipeline Execution State Change", `"arn:aws:codepipeline:eu-west-1:123456789012:shop"`, `{"pipeline":"shop","state":"`+state+`"}`)
	}
	const key = "aws.codepipeline/CodePipeline Pipeline Execution State Change/arn:aws:codepipeline:eu-west-1:123456789012:shop"
	for body, want := range map[string]alert.Signal{
		pipeline("FAILED"):    {Action: alert.Trigger, DedupKey: key, Summary: "CodePipeline Pipeline Execution State Change: FAILED"},
		pipeline("SUCCEEDED"): {Action: alert.Resolve, DedupKey: key, Summary: "CodePipeline Pipeline Execution State Change: SUCCEEDED"},
		event("aws.guardduty", "GuardDuty Finding", "", `{"id":"f-1","severity":8,"title":"Odd call"}`):                                                                                  {Action: alert.Trigger, DedupKey: "aws.guardduty/f-1", Severity: "error", Summary: "GuardDuty Finding: Odd call"},
		event("aws.securityhub", "Security Hub Findings - Imported", `"arn:x"`, `{"findings":[{"Id":"arn:f-2","Title":"Open bucket","Severity":{"Label":"CRITICAL","Normalized":90}}]}`): {Action: alert.Trigger, DedupKey: "aws.securityhub/arn:f-2", Severity: "critical", Summary: "Security Hub Findings - Imported: Open bucket"},
	} {
		got, err := read("", body, "m-1", topic)
		if err != nil || len(got.Signals) != 1 {
			t.Fatalf("%s: %+v %v", body, got, err)
		}
		if s := got.Signals[0]; s.Action != want.Action || s.DedupKey != want.DedupKey || s.Severity != want.Severity || s.Summary != want.Summary {
			t.Errorf("got %+v, want %+v", s, want)
		}
	}
	for body, want := range map[string]string{
		`{"Event Source":"db-instance","Source ID":"db-1","Event Message":"Failover started"}`:       "RDS Notification Message: Failover started",
		`{"Service":"AWS Auto Scaling","Description":"Launching a new instance failed","Cause":"x"}`: "RDS Notification Message: Launching a new instance failed",
		`{"a":1}`: "RDS Notification Message", "text": "RDS Notification Message",
	} {
		if got, _ := read("RDS Notification Message", body, "m-1", topic); got.Signals[0].Summary != want {
			t.Errorf("%s: %q", body, got.Signals[0].Summary)
		}
	}
	if got, _ := read("", `{"Event Message":"Failover started"}`, "m-1", topic); got.Signals[0].Summary != "Failover started" {
		t.Errorf("without a subject: %+v", got)
	}
	for n, want := range map[float64]string{9.5: "critical", 7: "error", 4: "warning", 2: "info"} {
		if got := guardDuty(n); got != want {
			t.Errorf("%v: %s", n, got)
		}
	}
}

// A text that is published to a topic is delivered raw as it is.
func TestRawText(t *testing.T) {
	w := newWorld(t)
	s := w.open()
	in := unsigned(nil)
	in.Body, in.Secret = []byte("Budget exceeded\nseverity: warning\n\xff"), "hook-secret"
	in.Header = http.Header{"Authorization": {"Bearer hook-secret"}, "X-Amz-Sns-Message-Id": {"m-1"}, "X-Amz-Sns-Topic-Arn": {topic}}
	got, err := take(t, s, in)
	if err != nil || len(got.Signals) != 1 || got.Signals[0].Summary != "Budget exceeded" || got.Signals[0].Severity != "warning" || got.Signals[0].DedupKey != "cloudwatch/message/m-1" || got.Signals[0].Labels["topic"] != topic {
		t.Errorf("got %+v %v", got, err)
	}
	plugtest.CheckReceived(t, got)
	for _, body := range []string{"", " ", "[]", `{"AlarmName":`} {
		in.Body = []byte(body)
		if _, err := take(t, s, in); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}
