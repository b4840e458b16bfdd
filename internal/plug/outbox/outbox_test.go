package outbox_test

import (
	"context"
	"testing"

	"allclear/internal/plug"
	"allclear/internal/plug/outbox"
	"allclear/internal/plug/plugtest"
)

func TestOutbox(t *testing.T) {
	ch := plugtest.Open(t, outbox.Plugin(), plug.Config{})
	rec, err := ch.Send(t.Context(), plugtest.SampleMessage("+15550100"))
	if err != nil || rec != (plug.Receipt{Arrived: true, Detail: "kept in the outbox"}) {
		t.Errorf("got %+v, %v", rec, err)
	}
	if _, err := ch.Send(t.Context(), plug.Message{}); plug.FailureOf(err) == nil || plug.FailureOf(err).Kind != plug.Permanent {
		t.Errorf("without an address: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ch.Send(ctx, plugtest.SampleMessage("a")); plug.FailureOf(err) == nil || plug.FailureOf(err).Kind != plug.Retry {
		t.Errorf("after the end: %v", err)
	}
}
