package api

import (
	"context"
	"net/http"
	"testing"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/partners"
	"allclear/internal/edge/api/route"
	"allclear/internal/plug"
)

// counter is a desk that opens nothing in these tests.
type counter struct{}

func (counter) Send(context.Context, plug.Message) (plug.Receipt, error) { return plug.Receipt{}, nil }

func (counter) Look(context.Context, string) (plug.CaseState, error) { return plug.CaseState{}, nil }

func (counter) Desk() (plug.Desk, bool) {
	return plug.Desk{Kind: plug.CaseSupport, Asks: []plug.Field{{Key: "service_code", Title: "Service", Default: "general-info"}}}, true
}

// Partners are kept like everything in the catalogue, with what can be done now.
func TestPartnersAreKept(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.desks["aws_support"] = counter{}
		doc := `{"name":"AWS Support","role":"infrastructure","desk":"aws_support","support_plan":"Enterprise","contract":"A-1","phone":"+15550100201","portal_url":"https://support.example.com","escalation":"Ask for the TAM"}`
		w.as(authz.Responder, "PUT", "/partners/aws", doc).status(http.StatusForbidden, "a responder")
		made := decode[partners.Partner](w.as(authz.Admin, "PUT", "/partners/aws", doc).status(http.StatusOK, "made"))
		if !made.Ready || made.Takes != "support" || len(made.Asks) != 1 || made.Asks[0].Key != "service_code" || made.Plan != "Enterprise" || made.Version == 0 {
			t.Errorf("%+v", made)
		}
		if hand := decode[partners.Partner](w.as(authz.Admin, "PUT", "/partners/cf", `{"name":"Cloudflare","role":"network"}`).status(http.StatusOK, "by hand")); hand.Ready || hand.Takes != "" || hand.Asks == nil {
			t.Errorf("%+v", hand)
		}
		for _, bad := range []string{
			`{"name":"X","role":"friend"}`, `{"name":"","role":"other"}`, `{"name":"X","role":"other","phone":"0800"}`, `{"name":"X","role":"other","email":"x"}`, `{"name":"X","role":"other","portal_url":"javascript:1"}`,
			`{"name":"X","role":"other","vendor":"nobody"}`, `{"name":"X","role":"legal","privy":["team:nobody"]}`, `{"name":"X","role":"legal","engage":"always"}`, `{"name":"X","role":"legal","within":"30d"}`,
		} {
			w.as(authz.Admin, "PUT", "/partners/bad", bad).status(http.StatusUnprocessableEntity, bad)
		}
		if list := itemsOf[partners.Partner](w, authz.Stakeholder, "/partners"); len(list) != 2 || list[0].ID != "aws" {
			t.Errorf("%+v", list)
		}
		w.as(authz.Admin, "PUT", "/vendors/cdn", `{"name":"CDN","feed":"rss","url":"https://status.example.net/"}`).status(http.StatusOK, "a vendor")
		w.as(authz.Admin, "PUT", "/partners/cf", `{"name":"Cloudflare","role":"network","vendor":"cdn"}`).status(http.StatusOK, "tied to it")
		w.as(authz.Admin, "DELETE", "/vendors/cdn", "").status(http.StatusConflict, "a partner refers to it")
		w.as(authz.Admin, "DELETE", "/partners/cf", "").status(http.StatusNoContent, "gone")
	})
}

// A case is asked for, opened, noted and ended by the API, by whoever may respond.
//
// Clauses: ESC-EXT-AWS
func TestCasesWithPartners(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.payload("generic", "api", "{}", "") // opens INC-1
		w.desks["aws_support"] = counter{}
		w.as(authz.Admin, "PUT", "/partners/aws", `{"name":"AWS Support","role":"infrastructure","desk":"aws_support"}`).status(http.StatusOK, "a partner")
		path := "/incidents/INC-1/cases"
		asked := decode[partners.PartnerCase](w.as(authz.Responder, "POST", path, `{"partner":"aws","text":"slow","params":{"service_code":"ebs"}}`).status(http.StatusCreated, "asked"))
		if asked.State != "asked" || asked.Desk != "aws_support" || asked.Incident != "INC-1" || asked.Kind != "support" || asked.Params["service_code"] != "ebs" || asked.Notes == nil {
			t.Errorf("%+v", asked)
		}
		for _, bad := range []string{`{"partner":"nobody"}`, `{"partner":"aws","kind":"party"}`, `{"partner":"aws","params":{"x":"y"}}`, `{"partner":"aws","by_hand":true,"params":{"service_code":"ebs"}}`, `{"partner":"aws","link":"x"}`, `{"partner":"aws","due_at":"2020-01-01T00:00:00Z"}`} {
			w.as(authz.Responder, "POST", path, bad).status(http.StatusUnprocessableEntity, bad)
		}
		w.as(authz.Stakeholder, "POST", path, `{"partner":"aws"}`).status(http.StatusForbidden, "a stakeholder")
		w.as(authz.Responder, "POST", "/incidents/INC-99/cases", `{"partner":"aws"}`).status(http.StatusNotFound, "no incident")
		second := decode[partners.PartnerCase](w.as(authz.Responder, "POST", path, `{"partner":"aws","text":"slower"}`).status(http.StatusCreated, "asked again"))
		for _, list := range []string{path, "/cases"} {
			first := decode[route.List[partners.PartnerCase]](w.as(authz.Stakeholder, "GET", list+"?limit=1", "").status(http.StatusOK, "the first"))
			rest := decode[route.List[partners.PartnerCase]](w.as(authz.Stakeholder, "GET", list+"?limit=1&cursor="+first.NextCursor, "").status(http.StatusOK, "the other"))
			if len(first.Items) != 1 || len(rest.Items) != 1 || first.NextCursor == "" || rest.NextCursor != "" || first.Items[0].ID == rest.Items[0].ID {
				t.Errorf("%s: %+v, then %+v", list, first, rest)
			}
		}
		w.as(authz.Responder, "POST", "/cases/"+second.ID+"/end", `{"reason":"asked twice"}`).status(http.StatusOK, "ended")
		at := "/cases/" + asked.ID
		opened := decode[partners.PartnerCase](w.as(authz.Responder, "POST", at+"/opened", `{"number":"1001","link":"https://support.example.com/1001"}`).status(http.StatusOK, "by hand"))
		if opened.State != "open" || opened.Number != "1001" || opened.OpenBy == "" {
			t.Errorf("%+v", opened)
		}
		noted := decode[partners.PartnerCase](w.as(authz.Responder, "POST", at+"/notes", `{"text":"they look"}`).status(http.StatusCreated, "noted"))
		if len(noted.Notes) != 1 || noted.Notes[0].Text != "they look" || noted.Notes[0].By == "" {
			t.Errorf("%+v", noted)
		}
		if all := itemsOf[partners.PartnerCase](w, authz.Stakeholder, "/cases"); len(all) != 1 || all[0].ID != asked.ID {
			t.Errorf("%+v", all)
		}
		ended := decode[partners.PartnerCase](w.as(authz.Responder, "POST", at+"/end", `{"reason":"fixed"}`).status(http.StatusOK, "ended"))
		if ended.State != "closed" || ended.Reason != "fixed" {
			t.Errorf("%+v", ended)
		}
		if all := itemsOf[partners.PartnerCase](w, authz.Stakeholder, path); len(all) != 2 || all[0].State != "closed" || all[1].State != "cancelled" {
			t.Errorf("%+v", all)
		}
		if all := itemsOf[partners.PartnerCase](w, authz.Stakeholder, "/cases"); len(all) != 0 {
			t.Errorf("still stands: %+v", all)
		}
		w.as(authz.Responder, "POST", "/cases/"+absent+"/end", `{"reason":"x"}`).status(http.StatusNotFound, "no case")
	})
}
