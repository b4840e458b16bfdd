package x

import (
	"cmp"
	"strings"

	"allclear/internal/domain/message"
	"allclear/internal/plug"
)

// fit cuts a message to what a post may have.
func fit(m plug.Message) string {
	return message.FitPost(cmp.Or(strings.TrimSpace(m.Text), m.Subject))
}
