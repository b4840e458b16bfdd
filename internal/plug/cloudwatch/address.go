package cloudwatch

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

// hostShape is the host of SNS in one region. The region is spelled out, because
// sns.s3.amazonaws.com is a bucket that anybody may own.
var hostShape = regexp.MustCompile(`^sns\.([a-z]{2}(?:-gov)?-(?:central|north|south|east|west|northeast|northwest|southeast|southwest)-[1-9][0-9]?)\.amazonaws\.com(\.cn)?$`)

var (
	pemShape = regexp.MustCompile(`^/[A-Za-z0-9_-]{1,200}\.pem$`)
	// issuerShape is where the authorities that issue the certificates of SNS
	// publish their own.
	issuerShape = regexp.MustCompile(`^(?:crt\.[a-z0-9-]+\.amazontrust\.com|crt\.amazontrust\.com|cacerts\.digicert\.com)$`)
	issuerPath  = regexp.MustCompile(`^/[A-Za-z0-9_-]{1,200}(?:\.[A-Za-z0-9_-]{1,100}){0,4}\.(?:cer|crt|pem)$`)
)

// strict reads an address without anything in it that two parsers might read in
// two ways.
func strict(text string) (*url.URL, error) {
	const longest = 2048
	if text == "" {
		return nil, errors.New("is missing")
	}
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c >= 0x7f || c == '\\' {
			return nil, errors.New("has characters that no address of SNS has")
		}
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || len(text) > longest:
		return nil, errors.New("is no address")
	case u.User != nil || u.Opaque != "" || u.Fragment != "" || strings.Contains(text, "#"):
		return nil, errors.New("must have neither user nor fragment")
	}
	return u, nil
}

// snsURL admits https addresses of SNS in a region.
func snsURL(text string) (u *url.URL, region string, err error) {
	if u, err = strict(text); err != nil {
		return nil, "", err
	}
	m := hostShape.FindStringSubmatch(u.Hostname())
	switch {
	case u.Scheme != "https":
		return nil, "", errors.New("must begin with https://")
	case m == nil:
		return nil, "", errors.New("must be at sns.<region>.amazonaws.com")
	case strings.HasPrefix(m[1], "cn-") != (m[2] != ""):
		return nil, "", errors.New("must be at sns.<region>.amazonaws.com, or amazonaws.com.cn in China")
	case u.Host != u.Hostname() && u.Host != u.Hostname()+":443":
		return nil, "", errors.New("must be at port 443")
	}
	return u, m[1], nil
}

// certificateURL is where the certificate is fetched, put together anew.
func certificateURL(text string) (string, error) {
	u, _, err := snsURL(text)
	if err != nil {
		return "", err
	}
	if u.RawQuery != "" || u.ForceQuery || u.RawPath != "" || !pemShape.MatchString(u.Path) || strings.Contains(text, "%") {
		return "", errors.New("must be a .pem file without a query")
	}
	return "https://" + u.Hostname() + u.Path, nil
}

// subscribeURL is the call that confirms a subscription, put together anew from
// what the message says elsewhere too.
func subscribeURL(e *envelope) (string, error) {
	u, region, err := snsURL(e.subscribeURL)
	if err != nil {
		return "", err
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil || u.RawPath != "" || (u.Path != "/" && u.Path != "") {
		return "", errors.New("is no call that confirms a subscription")
	}
	for name, v := range q {
		if len(v) != 1 || (name != "Action" && name != "TopicArn" && name != "Token" && name != "Version") {
			return "", errors.New("has parameters that a confirmation has not")
		}
	}
	arn := strings.Split(e.topic, ":")
	switch {
	case q.Get("Action") != "ConfirmSubscription":
		return "", errors.New("must have the action ConfirmSubscription")
	case e.token == "" || q.Get("Token") != e.token:
		return "", errors.New("has another token than the message")
	case q.Get("TopicArn") != e.topic:
		return "", errors.New("names another topic than the message")
	case len(arn) != 6 || arn[2] != "sns" || arn[3] != region:
		return "", errors.New("is in another region than the topic")
	}
	return "https://" + u.Hostname() + "/?Action=ConfirmSubscription&TopicArn=" + url.QueryEscape(e.topic) + "&Token=" + url.QueryEscape(e.token), nil
}

// issuerURL admits the addresses at which a certificate says its issuer's is. They
// are http as a rule: what is fetched counts only if it fits into a chain.
func issuerURL(text string) (string, error) {
	u, err := strict(text)
	if err != nil {
		return "", err
	}
	if (u.Scheme != "http" && u.Scheme != "https") || !issuerShape.MatchString(u.Host) || u.RawQuery != "" || u.ForceQuery || u.RawPath != "" || !issuerPath.MatchString(u.Path) {
		return "", errors.New("is not where the issuer of an SNS certificate publishes its own")
	}
	return u.Scheme + "://" + u.Host + u.Path, nil
}
