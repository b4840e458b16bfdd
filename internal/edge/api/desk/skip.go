package desk

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/comms"
)

// InAppReason says why users are not told in the product.
type InAppReason struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

// InAppState is whether messages are shown in the product.
type InAppState struct {
	Skip *record.InAppSkip `json:"in_app_skip,omitempty" doc:"Absent: messages are shown in the product."`
}

type skipInput struct {
	route.IncidentPath
	Body InAppReason
}

type resumeInput struct {
	route.IncidentPath
	Body *record.Nothing
}

func skipRoutes(t *route.Table, flow *comms.Comms) {
	const tag = "messages"
	route.Register(t, route.Route{
		Method: http.MethodPost, Path: "/incidents/{id}/in-app/skip", Summary: "Leave the notices in the product out of its messages, with a reason", Tag: tag,
		Detail: "Of all that go out from now on, also those that wait and those that rules send; every other channel is as before. A message that is for the product alone waits for a person. " +
			"What is shown there already stays, and is shown as resolved when the incident is. Who was shown none of the problem is not shown the end of it either.",
	}, route.Needs(authz.Communicate), func(ctx context.Context, c route.Call, in *skipInput) (*route.Reply[InAppState], error) {
		n, err := in.Number()
		if err != nil {
			return nil, err
		}
		s, err := flow.SkipInApp(ctx, c.Actor, n, in.Body.Reason, c.Now)
		if err != nil {
			return nil, wire.InBody(err)
		}
		return route.One(InAppState{record.InAppSkipOf(s)}), nil
	})
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/incidents/{id}/in-app/resume", Summary: "Show its messages in the product again", Tag: tag}, route.Needs(authz.Communicate),
		func(ctx context.Context, c route.Call, in *resumeInput) (*route.Reply[InAppState], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			s, err := flow.ResumeInApp(ctx, c.Actor, n, c.Now)
			if err != nil {
				return nil, err
			}
			return route.One(InAppState{record.InAppSkipOf(s)}), nil
		})
}
