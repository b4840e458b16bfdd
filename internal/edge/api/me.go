package api

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/reach"
)

// PushKey is what a browser subscribes with.
type PushKey struct {
	PublicKey string `json:"public_key" doc:"applicationServerKey: base64url of a P-256 point (RFC 8292)."`
}

// PushSubscription is one of the caller's devices. How to reach it is not shown.
type PushSubscription struct {
	ID          string    `json:"id" doc:"Also the address of the contact on the channel push."`
	Label       string    `json:"label"`
	Host        string    `json:"host" doc:"Of the browser's push service."`
	CreatedAt   time.Time `json:"created_at"`
	SucceededAt time.Time `json:"succeeded_at,omitzero" doc:"When the push service last accepted a message."`
	GoneAt      time.Time `json:"gone_at,omitzero" doc:"When the push service said that it no longer knows the device; it is no contact since."`
}

// NewPushSubscription is what the browser's PushSubscription.toJSON() gives,
// and a name for the device.
type NewPushSubscription struct {
	Endpoint string   `json:"endpoint" minLength:"1" maxLength:"2048" writeOnly:"true"`
	Keys     PushKeys `json:"keys"`
	Label    string   `json:"label" minLength:"1" maxLength:"100" doc:"Such as \"Firefox on Android\"."`
}

// PushKeys encrypt for the browser alone (RFC 8291).
type PushKeys struct {
	P256dh string `json:"p256dh" minLength:"1" maxLength:"200" writeOnly:"true"`
	Auth   string `json:"auth" minLength:"1" maxLength:"100" writeOnly:"true"`
}

// OwnContact is one way to reach the caller.
type OwnContact struct {
	Channel  string    `json:"channel"`
	Address  string    `json:"address"`
	Label    string    `json:"label,omitempty"`
	Verified bool      `json:"verified" doc:"A code that went there was entered, or the device subscribed by itself."`
	Implied  bool      `json:"implied,omitempty" doc:"The person's mail address, which counts while no e-mail is listed. It cannot be removed here."`
	CodeBy   time.Time `json:"code_by,omitzero" doc:"Until when the code that was sent can be entered."`
}

// NewOwnContact is what a contact is made from.
type NewOwnContact struct {
	Channel string `json:"channel" enum:"email,sms,voice,webhook,slack,ntfy,teams,mattermost,discord,telegram"`
	Address string `json:"address" minLength:"1" maxLength:"4096"`
	Label   string `json:"label,omitempty" maxLength:"500"`
}

// ContactCode confirms a contact.
type ContactCode struct {
	Channel string `json:"channel" maxLength:"32"`
	Address string `json:"address" minLength:"1" maxLength:"4096"`
	Code    string `json:"code" minLength:"6" maxLength:"6" pattern:"^[0-9]{6}$" writeOnly:"true"`
}

// ContactTest names the contact that gets a test page.
type ContactTest struct {
	Channel string `json:"channel" maxLength:"32"`
	Address string `json:"address" minLength:"1" maxLength:"4096"`
}

// SendAnswer is what the provider said.
type SendAnswer struct {
	Accepted bool   `json:"accepted"`
	Answer   string `json:"answer" doc:"The provider's own words, shortened and without secrets."`
	Kept     bool   `json:"kept,omitempty" doc:"It stayed in the outbox: there is no provider in the demo."`
	Again    bool   `json:"again,omitempty" doc:"It may work later."`
	Gone     bool   `json:"gone,omitempty" doc:"The device is no more, and no contact any longer."`
}

type (
	newPushInput    struct{ Body NewPushSubscription }
	newContactInput struct{ Body NewOwnContact }
	codeInput       struct{ Body ContactCode }
	testInput       struct{ Body ContactTest }
	dropContact     struct {
		Channel string `query:"channel" required:"true" maxLength:"32"`
		Address string `query:"address" required:"true" maxLength:"4096"`
	}
)

func (a *API) meRoutes() {
	tag, own := "me", route.Needs(authz.EditContacts)
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/push/key", Summary: "Read the key a browser subscribes with", Tag: tag}, route.SignedIn(), a.pushKey)
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/me/push-subscriptions", Summary: "List the caller's devices", Tag: tag}, own, a.devices)
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/me/push-subscriptions", Summary: "Let a browser take pushes", Tag: tag, Status: http.StatusCreated, Detail: "The device becomes a verified contact. Subscribing again with the same endpoint changes nothing."}, own, a.subscribe)
	route.Register(a.table, route.Route{Method: http.MethodDelete, Path: "/me/push-subscriptions/{id}", Summary: "Forget a device", Tag: tag}, own, a.unsubscribe)
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/me/contacts", Summary: "List how the caller can be reached", Tag: tag}, own, a.contacts)
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/me/contacts", Summary: "Add a contact and send a code to it", Tag: tag, Status: http.StatusCreated, Detail: "For a contact that is there and not verified, another code. The code is good for 10 minutes and 5 tries; 10 codes and test pages in 10 minutes."}, own, a.addContact)
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/me/contacts/verify", Summary: "Enter the code that came over a contact", Tag: tag, Status: http.StatusNoContent}, own, a.verifyContact)
	route.Register(a.table, route.Route{Method: http.MethodDelete, Path: "/me/contacts", Summary: "Remove a contact", Tag: tag}, own, a.removeContact)
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/me/test-page", Summary: "Send a test page to the caller", Tag: tag, Detail: "Over the same way as a real page; it asks for nothing. The answer is the provider's."}, own, a.testPage)
}

func me(c route.Call) reach.Me { return reach.Me{Actor: c.Actor, Person: c.Who.Person} }

func (a *API) pushKey(context.Context, route.Call, *struct{}) (*route.Reply[PushKey], error) {
	key, err := a.opt.Reach.PublicKey()
	if err != nil {
		return nil, err
	}
	return route.One(PushKey{PublicKey: key}), nil
}

func deviceView(d reach.Device) PushSubscription {
	return PushSubscription{ID: d.ID.String(), Label: d.Label, Host: d.Host, CreatedAt: d.CreatedAt, SucceededAt: d.SucceededAt, GoneAt: d.GoneAt}
}

func (a *API) devices(ctx context.Context, c route.Call, in *route.Whole) (*route.Reply[route.List[PushSubscription]], error) {
	found, err := a.opt.Reach.Devices(ctx, me(c))
	if err != nil {
		return nil, err
	}
	return route.Of(*in, found, deviceView, func(p PushSubscription) string { return p.ID })
}

func (a *API) subscribe(ctx context.Context, c route.Call, in *newPushInput) (*route.Reply[PushSubscription], error) {
	b := in.Body
	d, err := a.opt.Reach.Subscribe(ctx, me(c), reach.NewDevice{Endpoint: b.Endpoint, P256dh: b.Keys.P256dh, Auth: b.Keys.Auth, Label: b.Label}, c.Now)
	if err != nil {
		return nil, err
	}
	return route.One(deviceView(d)), nil
}

func (a *API) unsubscribe(ctx context.Context, c route.Call, in *KeyPath) (*struct{}, error) {
	id, err := route.ParseID("device", in.ID)
	if err != nil {
		return nil, err
	}
	return nil, a.opt.Reach.Unsubscribe(ctx, me(c), id, c.Now)
}

func (a *API) contacts(ctx context.Context, c route.Call, in *route.Whole) (*route.Reply[route.List[OwnContact]], error) {
	found, err := a.opt.Reach.Contacts(ctx, me(c), c.Now)
	if err != nil {
		return nil, err
	}
	return route.Of(*in, found, func(k reach.Contact) OwnContact {
		return OwnContact{Channel: k.Channel, Address: k.Address, Label: k.Label, Verified: k.Verified, Implied: k.Implied, CodeBy: k.CodeBy}
	}, func(k OwnContact) string { return k.Channel + " " + k.Address })
}

func answerView(x reach.Answer) *route.Reply[SendAnswer] {
	return route.One(SendAnswer{Accepted: x.Accepted, Answer: x.Text, Kept: x.Kept, Again: x.Again, Gone: x.Gone})
}

func (a *API) addContact(ctx context.Context, c route.Call, in *newContactInput) (*route.Reply[SendAnswer], error) {
	said, err := a.opt.Reach.Add(ctx, me(c), catalog.Contact{Channel: in.Body.Channel, Address: in.Body.Address, Label: in.Body.Label}, c.Now)
	if err != nil {
		return nil, err
	}
	return answerView(said), nil
}

func (a *API) verifyContact(ctx context.Context, c route.Call, in *codeInput) (*struct{}, error) {
	return nil, a.opt.Reach.Verify(ctx, me(c), in.Body.Channel, in.Body.Address, in.Body.Code, c.Now)
}

func (a *API) removeContact(ctx context.Context, c route.Call, in *dropContact) (*struct{}, error) {
	return nil, a.opt.Reach.Remove(ctx, me(c), in.Channel, in.Address, c.Now)
}

func (a *API) testPage(ctx context.Context, c route.Call, in *testInput) (*route.Reply[SendAnswer], error) {
	said, err := a.opt.Reach.Test(ctx, me(c), in.Body.Channel, in.Body.Address, c.Now)
	if err != nil {
		return nil, err
	}
	return answerView(said), nil
}
