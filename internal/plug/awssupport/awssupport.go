// Package awssupport opens cases with AWS Support and asks how they are. It must not
// close one, nor say anything of an incident but what it is given.
//
// Sources: docs.aws.amazon.com/awssupport/latest/APIReference (CreateCase,
// DescribeCases; version 2013-04-15), and "Signature Version 4 for API requests" in
// the IAM User Guide.
package awssupport

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Name is the channel on which cases are opened here.
const Name = "aws_support"

const defaultRegion = "us-east-1"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "AWS Support", Desk: Name, Docs: "docs/integrations/aws_support.md",
			Fields: []plug.Field{
				{Key: "access_key_id", Title: "Access key ID", Help: "Of a user that may support:CreateCase and support:DescribeCases and nothing else. A Business, Enterprise On-Ramp or Enterprise plan is needed."},
				{Key: "secret_access_key", Title: "Secret access key", Secret: true},
				{Key: "session_token", Title: "Session token", Secret: true, Help: "Only for temporary credentials."},
				{Key: "top_severity", Title: "Highest severity", Default: "critical", Help: "That the plan allows: critical with Enterprise, urgent with Business, else high."},
				{Key: "service_code", Title: "Service", Default: "general-info", Help: "Code of the AWS service that a case is about where nobody says another."},
				{Key: "category_code", Title: "Category", Default: "using-aws", Help: "Code of a category of that service."},
				{Key: "cc", Title: "Copies to", Help: "Mail addresses that AWS writes to as well, separated by spaces; at most ten."},
				{Key: "region", Title: "Region", Default: defaultRegion, Help: "Of the support endpoint: us-east-1, or that of China or GovCloud."},
				{Key: "base_url", Title: "API address", Help: "That of the region when empty."},
			},
		},
		Open: open,
	}
}

// desk is the open plug-in; without an access key it opens no case.
type desk struct {
	http     *plug.HTTP
	base     string
	region   string
	id       string
	key      secret.String
	session  secret.String
	signer   *v4.Signer
	now      func() time.Time
	top      int
	service  string
	category string
	cc       []string
}

var regionShape = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[1-9][0-9]?$`)

// severities are the codes of AWS, the gravest first.
var severities = []string{"critical", "urgent", "high", "normal", "low"}

func open(cfg plug.Config) (any, error) {
	bad := fault.New(fault.Invalid, "open AWS Support: settings are not complete")
	d := desk{
		id: cfg.Text("access_key_id"), key: secret.String(cfg.Text("secret_access_key")), session: secret.String(cfg.Text("session_token")), now: time.Now,
		region: plug.First(cfg.Text("region"), defaultRegion), service: plug.First(cfg.Text("service_code"), "general-info"), category: plug.First(cfg.Text("category_code"), "using-aws"),
		cc: strings.Fields(cfg.Text("cc")), top: slices.Index(severities, plug.First(cfg.Text("top_severity"), "critical")),
	}
	base, err := cfg.Base("base_url")
	if err != nil {
		return nil, err
	}
	const most = 10
	switch {
	case (d.id == "") != (d.key == ""):
		return nil, bad.With("secret_access_key", "and the access key ID are needed together")
	case d.top < 0:
		return nil, bad.With("top_severity", "want one of "+strings.Join(severities, ", "))
	case !regionShape.MatchString(d.region):
		return nil, bad.With("region", "must be such as us-east-1")
	case len(d.cc) > most:
		return nil, bad.With("cc", "at most ten addresses")
	case d.id == "":
		return d, nil
	}
	if d.base = base; base == "" {
		d.base = "https://support." + d.region + ".amazonaws.com"
		if strings.HasPrefix(d.region, "cn-") {
			d.base += ".cn"
		}
	}
	d.http, d.signer = cfg.Puller(), v4.NewSigner()
	return d, nil
}

// Desk implements plug.CaseDesk.
func (d desk) Desk() (plug.Desk, bool) {
	return plug.Desk{Kind: plug.CaseSupport, Asks: []plug.Field{
		{Key: "service_code", Title: "Service", Default: d.service, Help: "Code of the AWS service, such as amazon-elastic-compute-cloud-linux."},
		{Key: "category_code", Title: "Category", Default: d.category, Help: "Code of a category of the service."},
	}}, d.signer != nil
}

// severity is the code for an urgency: one step less grave for each, and never above
// what the plan allows.
func (d desk) severity(urgency string) string {
	steps := map[string]int{"P1": 0, "P2": 1, "P3": 2, "P4": 3}
	at, ok := steps[urgency]
	if !ok {
		at = steps["P3"]
	}
	return severities[max(at, d.top)]
}

// newCase is the request of CreateCase.
type newCase struct {
	Subject  string   `json:"subject"`
	Service  string   `json:"serviceCode"`
	Severity string   `json:"severityCode"`
	Category string   `json:"categoryCode"`
	Body     string   `json:"communicationBody"`
	CC       []string `json:"ccEmailAddresses,omitempty"`
	Language string   `json:"language"`
	Issue    string   `json:"issueType"`
}

// maxBody is how long the text of a case may be.
const maxBody = 8000

// Send implements plug.Channel: it opens a case.
func (d desk) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	if m.Kind != plug.CaseWanted || m.Case.Kind != plug.CaseSupport || d.signer == nil {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "AWS Support opens support cases, and only with an access key")
	}
	subject := plug.Line(m.Subject, plug.MaxWord)
	if m.Again { // CreateCase makes a second one of the same
		if id, err := d.find(ctx, subject, m.At); err != nil || id != "" {
			return plug.Receipt{Arrived: true, ProviderRef: id, Detail: "was open already"}, err
		}
	}
	c := newCase{
		Subject: subject, Severity: d.severity(m.Case.Urgency), CC: d.cc, Language: "en", Issue: "technical", Body: plug.First(strings.TrimSpace(m.Text), subject),
		Service: plug.First(m.Case.Params["service_code"], d.service), Category: plug.First(m.Case.Params["category_code"], d.category),
	}
	if plug.TooLong(c.Body, maxBody) {
		c.Body = string([]rune(c.Body)[:maxBody])
	}
	ans, err := d.call(ctx, "CreateCase", c)
	if err != nil {
		return plug.Receipt{}, err
	}
	doc, err := plug.ReadDoc(ans.Body)
	id := doc.Text("caseId")
	if err != nil || id == "" {
		return plug.Receipt{}, plug.Fail(plug.Unknown, "AWS Support: the answer names no case")
	}
	return plug.Receipt{Arrived: true, ProviderRef: id, Detail: "severity " + c.Severity}, nil
}

// find looks for an open case of the subject that was made since an instant.
func (d desk) find(ctx context.Context, subject string, since time.Time) (string, error) {
	const slack = 5 * time.Minute // between the two clocks
	ans, err := d.call(ctx, "DescribeCases", map[string]any{
		"afterTime": since.Add(-slack).UTC().Format(time.RFC3339), "includeResolvedCases": false, "includeCommunications": false, "maxResults": 100, "language": "en",
	})
	if err != nil {
		return "", err
	}
	doc, err := plug.ReadDoc(ans.Body)
	if err != nil {
		return "", plug.Fail(plug.Retry, "AWS Support: the answer is not what its API documents")
	}
	for _, c := range doc.List("cases") {
		if c.Text("subject") == subject {
			return c.Text("caseId"), nil
		}
	}
	return "", nil
}

// Look implements plug.CaseDesk.
func (d desk) Look(ctx context.Context, ref string) (plug.CaseState, error) {
	ans, err := d.call(ctx, "DescribeCases", map[string]any{"caseIdList": []string{ref}, "includeResolvedCases": true, "includeCommunications": false, "language": "en"})
	if err != nil {
		return plug.CaseState{}, fault.Wrap(fault.Unavailable, err, "ask AWS Support")
	}
	doc, err := plug.ReadDoc(ans.Body)
	list := doc.List("cases")
	if err != nil || len(list) == 0 {
		return plug.CaseState{}, fault.New(fault.Unavailable, "AWS Support knows no case %s", ref)
	}
	c := list[0]
	out := plug.CaseState{Number: plug.First(c.Text("displayId"), ref), State: strings.ReplaceAll(c.Text("status"), "-", " "), Over: c.Text("status") == "resolved"}
	if id := c.Text("displayId"); id != "" {
		out.Link = "https://support.console.aws.amazon.com/support/home#/case/?displayId=" + id
	}
	return out, nil
}

// call makes one signed call of the JSON protocol, version 1.1.
func (d desk) call(ctx context.Context, action string, in any) (plug.Answer, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return plug.Answer{}, plug.Fail(plug.Permanent, "AWS Support: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.base+"/", strings.NewReader(string(body)))
	if err != nil {
		return plug.Answer{}, plug.Fail(plug.Permanent, "AWS Support: the API address is malformed")
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AWSSupport_20130415."+action)
	sum := sha256.Sum256(body)
	who := aws.Credentials{AccessKeyID: d.id, SecretAccessKey: d.key.Reveal(), SessionToken: d.session.Reveal()}
	if err := d.signer.SignHTTP(ctx, who, req, hex.EncodeToString(sum[:]), "support", d.region, d.now().UTC()); err != nil {
		return plug.Answer{}, plug.Fail(plug.Permanent, "sign a call to AWS Support: %s", plug.Clean(err.Error(), d.key, d.session))
	}
	ans, err := d.http.Do(ctx, plug.Request{URL: d.base + "/", Header: req.Header, Body: body, Secrets: []secret.String{d.key, d.session}, Still: true})
	if err != nil {
		return plug.Answer{}, err
	}
	if failed := ans.Failure(); failed != nil {
		return plug.Answer{}, d.refused(ans, failed)
	}
	return ans, nil
}

// refused reads the type of a refusal: AWS answers 400 to much that a later try may
// get through.
func (d desk) refused(ans plug.Answer, failed error) error {
	doc, err := plug.ReadDoc(ans.Body)
	kind := doc.Text("__type")
	if err != nil || kind == "" {
		return failed
	}
	kind = kind[strings.LastIndex(kind, "#")+1:]
	f := *plug.FailureOf(failed)
	why := plug.Clean(plug.Line(kind+" "+doc.First("message", "Message"), plug.MaxSummary), d.key, d.session)
	switch kind {
	case "ThrottlingException", "Throttling", "RequestLimitExceeded":
		f.Kind = plug.Retry
	case "InternalServerError", "InternalFailure":
		f.Kind = plug.Unknown
	case "SubscriptionRequiredException", "AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException", "CaseCreationLimitExceeded":
		f.Kind, f.Ours = plug.Permanent, true
	}
	f.Err = fault.New(fault.Unavailable, "AWS Support answers: %s", why)
	return &f
}
