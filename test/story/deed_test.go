package story_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/partner"
	domain "allclear/internal/domain/remedy"
	"allclear/internal/flow/partners"
	"allclear/internal/flow/remedy"
	"allclear/internal/plug/cloudflare"
	"allclear/internal/plug/crowdstrike"
	"allclear/internal/plug/googlesupport"
	"allclear/test/story"
)

const (
	point   = "cloudflare.point_dns_record"
	contain = "crowdstrike.contain_host"
	assure  = "crowdstrike.look_for_detections"
)

func withCloudflare(w *story.World, d *story.DNS) any {
	return w.Connect(cloudflare.Plugin(), map[string]secret.String{"api_token": "cf-token", "zones": story.DNSZone, "base_url": secret.String(d.URL)})
}

func to(content string) map[string]string {
	return map[string]string{"ZONE": story.DNSZone, "RECORD": story.DNSRecord, "CONTENT": content}
}

const attack = `{"account_id":"9035f53656c247e895c5a6939ae8a0e0","alert_correlation_id":"c-1","alert_event":"ALERT_STATE_EVENT_START","alert_type":"advanced_ddos_attack_l7_alert","data":{"attack_id":"a-1","target_hostname":"shop.example.com","zone_name":"example.com"},"name":"DDoS","policy_id":"749b911ea5d04344a58e45edd099b328","policy_name":"DDoS","text":"Attack on shop.example.com","ts":1772420400}`

// Cloudflare is in trouble: its notification opens an alert where it shows the secret of
// the hook, its status says major and the dependency is red on the incident, a case is
// a record that people fill in, and the name is pointed elsewhere: rehearsed first,
// asked for by one person and agreed to by another, changed once, and taken back.
//
// Clauses: ESC-EXT-CF, INT-CLOUDFLARE
func TestCloudflareFailsAndIsLeft(t *testing.T) {
	const page = "https://www.cloudflarestatus.com/api/v2/summary.json"
	story.Tell(t, func(w *story.World) {
		dns := w.NewDNS("203.0.113.4")
		of := withCloudflare(w, dns)
		for shown, want := range map[string]bool{"": false, "wrong": false, "secret-of-the-hook": true} {
			err := w.Post(of, "cloudflare", "api", attack, "secret-of-the-hook", http.Header{"Cf-Webhook-Auth": {shown}})
			if (err == nil) != want || err != nil && !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("with %q: %v", shown, err)
			}
		}
		if a := w.Alerts(); len(a) != 1 || a[0].Source != "cloudflare" || a[0].Summary != "Attack on shop.example.com" {
			t.Fatalf("alerts %+v", a)
		}
		w.Confirm("ana")
		w.Hand("incident_commander", "ana")
		w.Hand("technical_lead", "bo")
		w.Web(page, `{"status":{"indicator":"major","description":"Partial System Outage"},"components":[],"incidents":[],"scheduled_maintenances":[]}`)
		w.ReadVendors()
		w.Entries(event.Noted).About("Dependency red").About("Cloudflare: outage").Some()

		guided := w.AskPartner(partners.Ask{Partner: "cloudflare", Subject: "Attack is not mitigated"})
		if guided.State != partner.ToOpen {
			t.Errorf("a case by an interface that there is not: %+v", guided)
		}
		w.CaseOpened(guided, "CF-4711")
		if all := w.Cases(); len(all) != 1 || all[0].State != partner.Open || all[0].Case.Number != "CF-4711" {
			t.Errorf("cases %+v", all)
		}

		c := w.Choice(point)
		if c == nil || c.Lane() != domain.Vendor || c.Needs() != 1 || !c.DryRun || len(c.All()) != 3 {
			t.Fatalf("offered %+v", c)
		}
		dry, err := w.Ask("bo", remedy.NewRun{Action: point, Values: to("203.0.113.9"), Dry: true})
		must(w, err)
		if got := w.RunOf(dry.ID); got.State != domain.Succeeded || got.Why != "shop.example.com is 203.0.113.4 and would be 203.0.113.9" || len(dns.Changes()) != 0 {
			t.Errorf("rehearsed: %s %q, changed %v", got.State, got.Why, dns.Changes())
		}
		r, err := w.Ask("bo", remedy.NewRun{Action: point, Values: to("203.0.113.9"), Reason: "the origin is under attack"})
		must(w, err)
		if err := w.Agree("bo", r.ID, ""); !fault.Is(err, fault.Conflict) || len(dns.Changes()) != 0 {
			t.Errorf("who asked agreed: %v, changed %v", err, dns.Changes())
		}
		if err := w.Agree("rachel.torres", r.ID, ""); !fault.Is(err, fault.Refused) {
			t.Errorf("somebody without a say agreed: %v", err)
		}
		must(w, w.Agree("ana", r.ID, ""))
		w.After(5 * time.Minute)
		got := w.RunOf(r.ID)
		want(w, r.ID, got, domain.Succeeded)
		if !slices.Equal(dns.Changes(), []string{"203.0.113.9"}) || got.Before != "203.0.113.4" {
			t.Errorf("changed %v, before it was %q", dns.Changes(), got.Before)
		}
		w.Entries(event.ActionEnded).For("ESC-EXT-CF").About("shop.example.com is 203.0.113.9 now").Some()
		_, words := w.Evidence()
		if len(words) != 1 {
			t.Errorf("evidence %v", words)
		}
		for _, text := range words {
			if !strings.Contains(text, "asked for by bo") || !strings.Contains(text, "agreed to by ana (incident_commander)") || !strings.Contains(text, "before: 203.0.113.4") || strings.Contains(text, "cf-token") {
				t.Errorf("evidence %q", text)
			}
		}
		if got.Undo == nil || got.Undo.Action != point || got.Undo.Values["CONTENT"] != "203.0.113.4" {
			t.Fatalf("undo %+v", got.Undo)
		}
		back, err := w.Ask("ana", remedy.NewRun{Action: got.Undo.Action, Values: got.Undo.Values})
		must(w, err)
		must(w, w.Agree("bo", back.ID, ""))
		want(w, back.ID, w.RunOf(back.ID), domain.Succeeded)
		if !slices.Equal(dns.Changes(), []string{"203.0.113.9", "203.0.113.4"}) {
			t.Errorf("changed %v", dns.Changes())
		}
	}, story.With(catalog.Vendor{ID: "cloudflare", Name: "Cloudflare", Feed: "statuspage", URL: page, Services: []string{"api"}}))
}

// The answer of a change is lost. Where the vendor says that it was made, it was; where
// it was not, it is not made again by itself: the run says that nobody knows, the
// commander is told, and somebody says what it came to.
func TestALostAnswerIsNotRepeated(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		dns := w.NewDNS("203.0.113.4")
		withCloudflare(w, dns)
		manned(w, "api")
		do := func(content string) *domain.Run {
			r, err := w.Ask("bo", remedy.NewRun{Action: point, Values: to(content)})
			must(w, err)
			must(w, w.Agree("ana", r.ID, ""))
			w.After(5 * time.Minute)
			return w.RunOf(r.ID)
		}
		dns.Lose("after")
		got := do("203.0.113.9")
		if got.State != domain.Succeeded || got.Undo == nil || got.Undo.Values["CONTENT"] != "203.0.113.4" || !strings.Contains(got.Why, "the answer was lost, and it was done") {
			t.Errorf("%s %q, undo %+v", got.State, got.Why, got.Undo)
		}
		dns.Lose("before")
		got = do("203.0.113.7")
		if got.State != domain.Lost || !strings.Contains(got.Why, "Nobody knows") || len(dns.Changes()) != 2 {
			t.Errorf("%s %q, asked %v", got.State, got.Why, dns.Changes())
		}
		w.Notices("ana").About("look whether Point a DNS record elsewhere was done").Some()
		dns.Lose("")
		w.Restart()
		w.After(time.Hour)
		if len(dns.Changes()) != 2 {
			t.Errorf("it was done again by itself: %v", dns.Changes())
		}
		must(w, w.Settle("bo", got.ID, false, "the record says 203.0.113.9"))
		want(w, got.ID, w.RunOf(got.ID), domain.Failed)
		wrong, err := w.Ask("bo", remedy.NewRun{Action: point, Values: map[string]string{"ZONE": story.DNSZone, "RECORD": strings.Repeat("0", 32), "CONTENT": "203.0.113.7"}})
		must(w, err)
		must(w, w.Agree("ana", wrong.ID, ""))
		if got := w.RunOf(wrong.ID); got.State != domain.Failed || !strings.HasSuffix(got.Why, "nothing was changed") || strings.Contains(got.Why, "cf-token") {
			t.Errorf("%s %q", got.State, got.Why)
		}
	})
}

// Falcon finds something: its detection is an alert of security, found by asking. The
// machine is cut off after somebody else has agreed, by one call, and what was done is
// evidence for the task that asks to contain the breach. Then it is let back.
//
// Clauses: ESC-EXT-CS, INT-CROWDSTRIKE
func TestAMachineIsContained(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		falcon := w.NewFalcon()
		of := w.Connect(crowdstrike.Plugin(), map[string]secret.String{"client_id": "client", "client_secret": "falcon-secret", "base_url": secret.String(falcon.URL), "service": "auth"})
		falcon.Detects("d-1", "new")
		w.Asked(of, "crowdstrike")
		if a := w.Alerts(); len(a) != 1 || !strings.Contains(a[0].Details, `"class":"security"`) || !strings.Contains(a[0].Summary, "build-7") {
			t.Fatalf("alerts %+v", a)
		}
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "credentials were dumped", Scenario: "breach-confirmed"})
		w.Engage("ana")
		w.Hand("incident_commander", "ana")
		w.Hand("technical_lead", "security-engineer-1")
		task := w.Tasks("SEC-BR-CONTAIN")[0]
		r, err := w.Ask("security-engineer-1", remedy.NewRun{Action: contain, Values: map[string]string{"HOST": "build-7"}})
		must(w, err)
		w.After(5 * time.Minute)
		if len(falcon.Actions()) != 0 {
			t.Fatalf("done before anybody agreed: %v", falcon.Actions())
		}
		must(w, w.Agree("ana", r.ID, ""))
		w.After(5 * time.Minute)
		got := w.RunOf(r.ID)
		want(w, r.ID, got, domain.Succeeded)
		if all := falcon.Actions(); len(all) != 1 || all[0] != `contain {"ids":["`+story.FalconHost+`"]}` {
			t.Errorf("calls %v", all)
		}
		files, _ := w.Evidence()
		if len(files) != 1 || files[0].About.ID != task.ID {
			t.Errorf("evidence %+v", files)
		}
		if got.Undo == nil || got.Undo.Action != "crowdstrike.lift_containment" || got.Undo.Values["HOST"] != "build-7" {
			t.Fatalf("undo %+v", got.Undo)
		}
		back, err := w.Ask("ana", remedy.NewRun{Action: got.Undo.Action, Values: got.Undo.Values})
		must(w, err)
		must(w, w.Agree("security-engineer-1", back.ID, ""))
		want(w, back.ID, w.RunOf(back.ID), domain.Succeeded)
		if all := falcon.Actions(); len(all) != 2 || !strings.HasPrefix(all[1], "lift_containment") {
			t.Errorf("calls %v", all)
		}
	})
}

// The primary cloud is gone: Google Cloud is red or not by its own status, a case is
// opened there by one call, and the failover that the catalogue has leads to it: the
// name is pointed to the address there. Without Cloudflare's credentials the same
// action is a guide for people.
//
// Clauses: ESC-EXT-GCP, INT-GCP
func TestGoogleCloudStandsIn(t *testing.T) {
	const page = "https://status.cloud.google.com/incidents.json"
	const there = "198.51.100.20"
	one := func(name, v string) domain.Param { return domain.Param{Name: name, Default: v, Choices: []string{v}} }
	over := catalog.Action{
		ID: "to-gcp", Name: "Fail over to Google Cloud", Type: domain.Failover, Service: "api", Deed: point, Guide: []string{"Point shop.example.com to " + there + " in the dashboard"},
		Params: []domain.Param{one("ZONE", story.DNSZone), one("RECORD", story.DNSRecord), one("CONTENT", there)},
	}
	vendor := catalog.Vendor{ID: "hosting", Name: "Hosting", Feed: "gcp", URL: page, Services: []string{"api"}, Primary: "AWS", Backup: "Google Cloud", Over: "to-gcp"}
	story.Tell(t, func(w *story.World) {
		google, key := w.NewGoogleSupport()
		w.Connect(googlesupport.Plugin(), map[string]secret.String{"service_account": key, "classification": "100152000", "base_url": secret.String(google.URL)})
		manned(w, "api")
		w.Confirm("ana")
		w.Web(page, `[{"id":"a1","begin":"2026-03-02T02:50:00Z","external_desc":"Load balancing fails in europe-west1","status_impact":"SERVICE_OUTAGE","severity":"high","most_recent_update":{"status":"SERVICE_OUTAGE"},"affected_products":[{"title":"Cloud Load Balancing","id":"x"}],"uri":"incidents/a1"}]`)
		w.ReadVendors()
		w.Entries(event.Noted).About("Dependency red").About("Hosting").Some()

		w.AskPartner(partners.Ask{Partner: "google-cloud", Subject: "We fail over to you", Text: "Please watch our quota"})
		w.After(time.Minute)
		if all := w.Cases(); len(all) != 1 || all[0].State != partner.Open || all[0].Case.Number != "projects/shop-prod/cases/43001" {
			t.Errorf("cases %+v", all)
		}
		if made := google.Cases(); len(made) != 1 || made[0]["displayName"] != "We fail over to you" || made[0]["priority"] != "P2" {
			t.Errorf("made %+v", made)
		}

		if c := w.Choice("to-gcp"); c == nil || !c.Helps || c.Lane() != domain.Hand || c.Name != "Fail over to Google Cloud" {
			t.Errorf("without Cloudflare: %+v", c)
		}
		dns := w.NewDNS("203.0.113.4")
		withCloudflare(w, dns)
		if c := w.Choice("to-gcp"); c.Lane() != domain.Vendor || !c.DryRun || c.All()[2].Default != there {
			t.Errorf("with it: %+v", c)
		}
		if _, err := w.Ask("bo", remedy.NewRun{Action: "to-gcp", Values: map[string]string{"CONTENT": "203.0.113.66"}}); !fault.Is(err, fault.Invalid) {
			t.Errorf("led elsewhere: %v", err)
		}
		r, err := w.Ask("bo", remedy.NewRun{Action: "to-gcp"})
		must(w, err)
		must(w, w.Agree("ana", r.ID, ""))
		want(w, r.ID, w.RunOf(r.ID), domain.Succeeded)
		if !slices.Equal(dns.Changes(), []string{there}) || w.OnBackup("hosting").IsZero() {
			t.Errorf("changed %v, on backup since %s", dns.Changes(), w.OnBackup("hosting"))
		}
		w.Entries(event.VendorBackup).About("Hosting is on backup: Google Cloud serves").Some()
	}, story.With(over), story.With(vendor))
}

// Once a P1 is mitigated what CrowdStrike knows is pulled, and stands with the item of
// the security validation as evidence. An open detection holds the resolution, whoever
// ticked the item; when Falcon has it closed, the next look lets go.
//
// Clauses: RES-VAL-SEC
func TestDetectionsHoldTheResolution(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		falcon := w.NewFalcon()
		w.Connect(crowdstrike.Plugin(), map[string]secret.String{"client_id": "client", "client_secret": "falcon-secret", "base_url": secret.String(falcon.URL)})
		falcon.Detects("d-1", "new")
		manned(w, "auth")
		w.Confirm("ana")
		w.Mitigate()
		w.Entries(event.ActionEnded).For("RES-VAL-SEC").About("CrowdStrike found 1 alerts since 2026-03-01T03:00:00Z, of which 1 are open").Some()
		files, words := w.Evidence()
		item := w.Tasks("RES-VAL-SEC")[0]
		if len(files) != 1 || files[0].About.ID != item.ID || !strings.Contains(words[files[0].Name], "Credential dumping on build-7") {
			t.Errorf("evidence %+v %v", files, words)
		}
		w.Recovered("auth", "it is down")
		for _, task := range w.AllTasks() {
			if task.ID == item.ID || slices.ContainsFunc(task.Clauses, func(c string) bool { return strings.HasPrefix(c, "RES-VAL") }) {
				w.Done("ana", task.ID, "looked at")
			}
		}
		err := w.TryResolve("", w.Now())
		if !fault.Is(err, fault.Conflict) || len(details(err)) != 1 || !strings.Contains(details(err)[0].What, "1 are open") {
			t.Fatalf("resolved with an open detection: %v %v", err, details(err))
		}
		falcon.Detects("d-1", "closed")
		r, err := w.Ask("bo", remedy.NewRun{Action: assure})
		must(w, err)
		want(w, r.ID, w.RunOf(r.ID), domain.Succeeded)
		must(w, w.TryResolve("", w.Now()))
		w.Is(P1, incident.Resolved)
	})
}

// A diagnostic that is configured runs at once, because it changes nothing, and what it
// wrote is evidence for the task that asks for it.
//
// Clauses: INV-RCA-DB
func TestADiagnosticIsEvidence(t *testing.T) {
	slow := catalog.Action{ID: "slow-queries", Name: "Slow queries", Type: domain.Diagnostic, Service: "api", Command: "slow-queries"}
	file := program(t, "echo 'select * from orders | 41 s | waits for a lock'\n")
	story.Tell(t, func(w *story.World) {
		manned(w, "api")
		w.Confirm("ana")
		task := w.Tasks("INV-RCA-DB")[0]
		if all := w.Choices(); len(all) == 0 || all[0].ID != "slow-queries" || !all[0].Helps {
			t.Errorf("choices %+v", all)
		}
		r, err := w.Ask("bo", remedy.NewRun{Action: "slow-queries"})
		must(w, err)
		w.RunHere("commands:\n  slow-queries: {run: [" + file + "]}\n")
		want(w, r.ID, w.RunOf(r.ID), domain.Succeeded)
		files, words := w.Evidence()
		if len(files) != 1 || files[0].About.ID != task.ID || !strings.Contains(words[files[0].Name], "orders | 41 s | waits for a lock") || !strings.Contains(words[files[0].Name], "exit code 0") {
			t.Errorf("evidence %+v %v", files, words)
		}
		w.Entries(event.EvidenceAdded).Some()
		w.Entries(event.ActionEnded).For("INV-RCA-DB").About("waits for a lock").Some()
	}, story.With(slow))
}
