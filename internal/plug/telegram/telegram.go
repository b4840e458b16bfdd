// Package telegram carries messages through the Bot API and hears the buttons
// people press (https://core.telegram.org/bots/api). It must not retry, poll for
// updates, or believe an update without the secret of its webhook.
package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

const channel = "telegram"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "telegram", Title: "Telegram", Channels: []string{channel}, Source: "telegram", Docs: "docs/integrations/telegram.md",
			Fields: []plug.Field{
				{Key: "bot_token", Title: "Bot token", Secret: true, Required: true, Help: "From @BotFather, such as 123456:ABC-DEF."},
				{Key: "webhook_secret", Title: "Webhook secret", Secret: true, Help: "The secret_token given to setWebhook. Without it pages have a link instead of buttons, and no update is believed."},
				{Key: "base_url", Title: "API URL", Default: "https://api.telegram.org", Help: "Another one for a Bot API server of your own."},
			},
		},
		Open: open,
	}
}

var (
	tokenShape  = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)
	secretShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`) // what setWebhook takes
	chatShape   = regexp.MustCompile(`^(-?[0-9]{1,20}|@[A-Za-z0-9_]{1,64})$`)
)

func open(cfg plug.Config) (any, error) {
	base, err := cfg.Base("base_url")
	if err != nil {
		return nil, err
	}
	bad := fault.New(fault.Invalid, "open Telegram: settings are wrong")
	if !tokenShape.MatchString(cfg.Text("bot_token")) { // it becomes part of a path
		bad = bad.With("bot_token", "must be digits, a colon and letters")
	}
	hook := cfg.Text("webhook_secret")
	if hook != "" && !secretShape.MatchString(hook) {
		bad = bad.With("webhook_secret", "must be 1 to 256 letters, digits, _ and -")
	}
	if len(bad.Details) > 0 {
		return nil, bad
	}
	return &telegram{base: base, token: secret.String(cfg.Text("bot_token")), hook: secret.String(hook), http: cfg.Client()}, nil
}

type telegram struct {
	base        string
	token, hook secret.String
	http        *plug.HTTP
}

var (
	_ plug.Channel  = (*telegram)(nil)
	_ plug.Callback = (*telegram)(nil)
)

// answer is the envelope of every answer of the Bot API.
type answer struct {
	OK     *bool `json:"ok"`
	Result struct {
		ID int64 `json:"message_id"`
	} `json:"result"`
	Description string `json:"description"`
	Parameters  struct {
		RetryAfter int64 `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// Send sends m to the chat in m.To: its number, or @name of a public one.
// Telegram has no idempotency key: a resend after an unknown outcome may be seen
// twice.
func (t *telegram) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	to := strings.TrimSpace(m.To)
	if !chatShape.MatchString(to) {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send to Telegram: the address is neither a chat id nor @name")
	}
	body := t.compose(m, to)
	if body.Text == "" {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send to Telegram: the message is empty")
	}
	_, half, _ := strings.Cut(t.token.Reveal(), ":")
	secrets := m.Secrets(t.token, t.hook, secret.String(half))
	ans, err := t.http.PostJSON(ctx, t.base+"/bot"+t.token.Reveal()+"/sendMessage", m.Key, "", body, secrets...)
	if err != nil {
		return plug.Receipt{}, err
	}
	var out answer
	parsed := json.Unmarshal(ans.Body, &out) == nil && out.OK != nil
	if err := ans.Failure(); err != nil {
		return plug.Receipt{}, refusal(err, ans.Status, out)
	}
	if !parsed || !*out.OK {
		return plug.Receipt{}, plug.Fail(plug.Unknown, "send to Telegram: the answer is not Telegram's: %s", ans.Brief())
	}
	return plug.Receipt{ProviderRef: to + "/" + strconv.FormatInt(out.Result.ID, 10), Detail: ans.Brief()}, nil
}

// refusal adds what the body of an error says beyond its status.
func refusal(err error, status int, out answer) error {
	var f *plug.Failure
	if !errors.As(err, &f) {
		return err
	}
	f.Ours = status == http.StatusUnauthorized // 403 is a person who blocked the bot
	if s := out.Parameters.RetryAfter; s > 0 && f.Kind == plug.Retry {
		f.RetryAfter = time.Duration(min(s, int64(plug.MaxRetryAfter/time.Second))) * time.Second
	}
	if id := out.Parameters.MigrateTo; id != 0 {
		return plug.Fail(f.Kind, "send to Telegram: the group has become a supergroup; its address is now %d", id)
	}
	return f
}
