package cloudwatch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/metric"
	"allclear/internal/plug"
)

// store reads values from CloudWatch; without an access key it is closed.
type store struct {
	api     *plug.HTTP
	base    string
	region  string
	id      string
	key     secret.String
	session secret.String
	signer  *v4.Signer
	now     func() time.Time
}

func storeFields() []plug.Field {
	return []plug.Field{
		{Key: "access_key_id", Title: "Access key ID", Help: "Of a user that may cloudwatch:GetMetricData and nothing else. With it values can be read."},
		{Key: "secret_access_key", Title: "Secret access key", Secret: true},
		{Key: "session_token", Title: "Session token", Secret: true, Help: "Only for temporary credentials."},
		{Key: "region", Title: "Region", Help: "Such as eu-west-1: where the values are."},
		{Key: "base_url", Title: "API address", Help: "That of the region when empty."},
	}
}

var regionShape = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[1-9][0-9]?$`)

func openStore(cfg plug.Config) (store, error) {
	bad := fault.New(fault.Invalid, "open CloudWatch: settings are not complete")
	s := store{id: cfg.Text("access_key_id"), key: secret.String(cfg.Text("secret_access_key")), session: secret.String(cfg.Text("session_token")), region: cfg.Text("region"), now: time.Now}
	if (s.id == "") != (s.key == "") {
		return s, bad.With("secret_access_key", "and the access key ID are needed together")
	}
	base, err := cfg.Base("base_url")
	if err != nil || s.id == "" {
		return s, err
	}
	if !regionShape.MatchString(s.region) {
		return s, bad.With("region", "is needed with an access key, such as eu-west-1")
	}
	if s.base = base; base == "" {
		s.base = "https://monitoring." + s.region + ".amazonaws.com"
		if strings.HasPrefix(s.region, "cn-") {
			s.base += ".cn"
		}
	}
	s.api, s.signer = cfg.Puller(), v4.NewSigner()
	return s, nil
}

// Queries implements plug.Querier.
func (s *source) Queries() bool { return s.signer != nil }

const (
	maxPages  = 10
	maxSteps  = 1440 // values of one series
	apiFormat = "2006-01-02T15:04:05Z"
)

// Query implements plug.Querier: an expression of GetMetricData, which is a query of
// Metrics Insights (SELECT AVG(CPUUtilization) FROM "AWS/EC2" GROUP BY InstanceId) or
// metric math, such as over a SEARCH.
func (s *source) Query(ctx context.Context, text string, from, to time.Time) ([]metric.Series, error) {
	form := url.Values{
		"Action": {"GetMetricData"}, "Version": {"2010-08-01"}, "StartTime": {from.UTC().Format(apiFormat)}, "EndTime": {to.UTC().Format(apiFormat)}, "ScanBy": {"TimestampAscending"},
		"MetricDataQueries.member.1.Id": {"q1"}, "MetricDataQueries.member.1.Expression": {text}, "MetricDataQueries.member.1.Period": {strconv.Itoa(period(to.Sub(from)))},
	}
	var all gathered
	for range maxPages {
		page, err := s.page(ctx, form)
		if err != nil {
			return nil, err
		}
		if err := all.add(page); err != nil {
			return nil, err
		}
		if page.Next == "" {
			return all.out, nil
		}
		form.Set("NextToken", page.Next)
	}
	return nil, fault.New(fault.Invalid, "the query gives more than %d pages: ask for fewer series, or for a shorter time", maxPages)
}

// period is the least number of whole minutes, in seconds, with which a span has no
// more values than anybody can look at.
func period(span time.Duration) int {
	const minute = 60
	seconds := int(span / time.Second)
	return max(1, (seconds+maxSteps*minute-1)/(maxSteps*minute)) * minute
}

// page is one answer of GetMetricData.
type page struct {
	Results []struct {
		ID       string    `xml:"Id"`
		Label    string    `xml:"Label"`
		Status   string    `xml:"StatusCode"`
		Times    []string  `xml:"Timestamps>member"`
		Values   []float64 `xml:"Values>member"`
		Messages []told    `xml:"Messages>member"`
	} `xml:"GetMetricDataResult>MetricDataResults>member"`
	Messages []told `xml:"GetMetricDataResult>Messages>member"`
	Next     string `xml:"GetMetricDataResult>NextToken"`
}

type told struct {
	Code  string `xml:"Code"`
	Value string `xml:"Value"`
}

// page asks once, signed.
func (s *source) page(ctx context.Context, form url.Values) (*page, error) {
	body := []byte(form.Encode())
	head, err := s.sign(ctx, body)
	if err != nil {
		return nil, err
	}
	ans, err := s.api.Ask(ctx, "CloudWatch", plug.Request{URL: s.base + "/", Header: head, Body: body, Secrets: []secret.String{s.key, s.session}})
	if err != nil {
		return nil, s.refused(ans, err)
	}
	var p page
	if err := xml.Unmarshal(ans.Body, &p); err != nil {
		return nil, fault.New(fault.Unavailable, "CloudWatch: the answer is not what its API documents")
	}
	return &p, nil
}

func (s *source) sign(ctx context.Context, body []byte) (http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+"/", strings.NewReader(string(body)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	sum := sha256.Sum256(body)
	who := aws.Credentials{AccessKeyID: s.id, SecretAccessKey: s.key.Reveal(), SessionToken: s.session.Reveal()}
	if err := s.signer.SignHTTP(ctx, who, req, hex.EncodeToString(sum[:]), "monitoring", s.region, s.now().UTC()); err != nil {
		return nil, fault.New(fault.Internal, "sign a call to CloudWatch: %s", plug.Clean(err.Error(), s.key, s.session))
	}
	return req.Header, nil
}

// refused reads the code of a refusal: AWS answers 400 to much that is no fault of
// the query.
func (s *source) refused(ans plug.Answer, err error) error {
	var e struct {
		Code    string `xml:"Error>Code"`
		Message string `xml:"Error>Message"`
	}
	if len(ans.Body) == 0 || xml.Unmarshal(ans.Body, &e) != nil || e.Code == "" {
		return err
	}
	why := plug.Clean(e.Message, s.key, s.session)
	switch e.Code {
	case "Throttling", "ThrottlingException", "RequestLimitExceeded":
		return fault.Wrap(fault.Unavailable, plug.FailureOf(err), "CloudWatch is asked too often")
	case "InvalidClientTokenId", "SignatureDoesNotMatch", "AccessDenied", "AccessDeniedException", "ExpiredToken", "IncompleteSignature", "MissingAuthenticationToken", "UnrecognizedClientException", "RequestExpired":
		return fault.New(fault.Unavailable, "CloudWatch refuses the credentials of the settings: %s: %s", plug.Line(e.Code, plug.MaxWord), why)
	}
	if ans.Status == http.StatusBadRequest {
		return fault.New(fault.Invalid, "CloudWatch refuses the query: %s", why)
	}
	return err
}

// gathered puts the pages together: a series goes on where the page before ended.
type gathered struct {
	out     []metric.Series
	byLabel map[string]int
}

func (g *gathered) add(p *page) error {
	if g.byLabel == nil {
		g.byLabel = map[string]int{}
	}
	for _, r := range p.Results {
		if r.Status == "Forbidden" || r.Status == "InternalError" {
			return fault.New(fault.Unavailable, "CloudWatch gives no values for %q: %s", plug.Line(r.Label, plug.MaxWord), plug.Clean(fmt.Sprint(r.Status, say(r.Messages))))
		}
		key := r.ID + "\x00" + r.Label
		i, known := g.byLabel[key]
		if !known {
			i = len(g.out)
			g.byLabel[key] = i
			g.out = append(g.out, metric.Series{Name: plug.Line(r.Label, plug.MaxWord)})
		}
		for n := range min(len(r.Times), len(r.Values)) {
			if at, err := plug.ReadTime(r.Times[n]); err == nil && !at.IsZero() {
				g.out[i].Points = append(g.out[i].Points, metric.Point{At: at, Value: r.Values[n]})
			}
		}
	}
	return plug.CheckSeries(g.out)
}

func say(all []told) string {
	var b strings.Builder
	for _, m := range all {
		b.WriteString(", " + m.Value)
	}
	return b.String()
}
