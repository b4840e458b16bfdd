package review

import (
	"context"
	"net/http"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/invitation"
	domain "allclear/internal/domain/review"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/board"
	flow "allclear/internal/flow/review"
)

const tag = "reviews"

type listReviews struct {
	route.Page
	Open bool `query:"open" doc:"Only those that are not signed off."`
}

type reviewBody[B any] struct {
	route.IncidentPath
	Body B
}

type partBody[B any] struct {
	route.IncidentPath
	Part string `path:"part" maxLength:"40"`
	Body B
}

// Routes registers reviews and action items.
func Routes(t *route.Table, r *flow.Reviews) {
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/reviews", Summary: "List reviews, the newest first", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *listReviews) (*route.Reply[route.List[ReviewSummary]], error) {
			var before ident.ID
			if _, err := route.FromCursor(in.Cursor, &before); err != nil {
				return nil, err
			}
			items, cat, next, err := r.List(ctx, c.Actor, in.Open, before, in.Limit, c.Now)
			if err != nil {
				return nil, err
			}
			n := record.NamesOf(board.NamesOf(cat))
			return route.Items(wire.Each(items, func(i flow.Item) ReviewSummary { return summaryOf(i, n) }), cursorOf(next)), nil
		})
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/review", Summary: "Show the review of an incident, with what the record says of it", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.IncidentPath) (*route.Tagged[Review], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			return show(ctx, r, c, n, nil)
		})
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/incidents/{id}/review", Summary: "Open the review of an incident for which the procedure only offers one", Tag: tag}, route.Needs(authz.Review),
		func(ctx context.Context, c route.Call, in *reviewBody[*record.Nothing]) (*route.Tagged[Review], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			return show(ctx, r, c, n, r.Open(ctx, c.Actor, n, c.Now))
		})
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/review/timeline", Summary: "List everything of the record in the order in which it happened", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.IncidentPath) (*route.Reply[ReviewTimeline], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			all, gaps, cat, err := r.Timeline(ctx, c.Actor, n, c.Now)
			if err != nil {
				return nil, err
			}
			names := board.NamesOf(cat)
			return route.One(ReviewTimeline{Items: wire.Each(all, func(e event.Event) record.TimelineEntry { return record.EntryOf(e, names) }), Gaps: wire.Each(gaps, gapOf)}), nil
		})
	route.Raw(t, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/review/calendar", Summary: "The meeting and its follow-up for calendars", Tag: tag}, route.Needs(authz.Read), "text/calendar", func(c route.Call, w http.ResponseWriter, req *http.Request) {
		calendar(t, r, c, w, req)
	})
	stepRoutes(t, r)
	meetingRoutes(t, r)
	actionRoutes(t, r)
}

func calendar(t *route.Table, r *flow.Reviews, c route.Call, w http.ResponseWriter, req *http.Request) {
	n, err := route.IncidentPath{Ref: req.PathValue("id")}.Number()
	if err != nil {
		t.Refuse(w, req, err)
		return
	}
	name, all, err := r.Calendar(req.Context(), c.Actor, n, c.Now)
	if err != nil {
		t.Refuse(w, req, err)
		return
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="review-`+incident.Ref(n)+`.ics"`)
	_, _ = w.Write([]byte(invitation.Calendar(name, all, c.Now)))
}

// show answers with the review as it is then.
func show(ctx context.Context, r *flow.Reviews, c route.Call, n int64, err error) (*route.Tagged[Review], error) {
	if err != nil {
		return nil, err
	}
	w, err := r.Of(ctx, c.Actor, n, c.Now)
	if err != nil {
		return nil, err
	}
	return route.Tag(reviewOf(w, c.Now)), nil
}

func cursorOf(next ident.ID) string {
	if next == 0 {
		return ""
	}
	return route.ToCursor(next)
}

// step adds a route for one thing that people do to a review.
func step[B any](t *route.Table, r *flow.Reviews, method, name, summary string, v authz.Verb, run func(ctx context.Context, c route.Call, n int64, b B) error) {
	path := "/incidents/{id}/review"
	if name != "" {
		path += "/" + name
	}
	route.Register(t, route.Route{Method: method, Path: path, Summary: summary, Tag: tag}, route.Needs(v),
		func(ctx context.Context, c route.Call, in *reviewBody[B]) (*route.Tagged[Review], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			return show(ctx, r, c, n, run(ctx, c, n, in.Body))
		})
}

// part is step where the path names a part of the review.
func part[B any](t *route.Table, r *flow.Reviews, name, summary string, run func(ctx context.Context, c route.Call, n int64, part string, b B) error) {
	route.Register(t, route.Route{Method: http.MethodPut, Path: "/incidents/{id}/review/" + name + "/{part}", Summary: summary, Tag: tag}, route.Needs(authz.Review),
		func(ctx context.Context, c route.Call, in *partBody[B]) (*route.Tagged[Review], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			return show(ctx, r, c, n, run(ctx, c, n, in.Part, in.Body))
		})
}

func stepRoutes(t *route.Table, r *flow.Reviews) {
	step(t, r, http.MethodPatch, "", "Write down lessons, who owns it and who is asked", authz.Review, func(ctx context.Context, c route.Call, n int64, b ReviewChange) error {
		e := flow.Edit{Owner: b.Owner, NoActions: b.NoActions, Others: b.Others, Left: b.Left}
		if b.Lessons != nil {
			e.Lessons = append([]string{}, *b.Lessons...)
		}
		if b.WentWell != nil {
			e.WentWell = append([]string{}, *b.WentWell...)
		}
		if b.Guests != nil {
			guests := wire.Each(*b.Guests, func(g ReviewGuest) domain.Guest { return domain.Guest(g) })
			e.Guests = &guests
		}
		return r.Change(ctx, c.Actor, n, e, c.Now)
	})
	step(t, r, http.MethodPut, "cause", "Name the root cause; with a method it is validated", authz.Review, func(ctx context.Context, c route.Call, n int64, b NewReviewCause) error {
		return r.SetCause(ctx, c.Actor, n, flow.NewCause(b), c.Now)
	})
	step(t, r, http.MethodPut, "factors", "Say what contributed, or why nothing did", authz.Review, func(ctx context.Context, c route.Call, n int64, b NewReviewFactors) error {
		all := wire.Each(b.Factors, func(f NewReviewFactor) domain.Factor { return domain.Factor{Sort: f.Sort, Text: f.Text} })
		return r.SetFactors(ctx, c.Actor, n, all, b.None, c.Now)
	})
	step(t, r, http.MethodPut, "timeline", "Say that the timeline is complete; one with gaps needs a word about them", authz.Review, func(ctx context.Context, c route.Call, n int64, b ReviewNote) error {
		return r.CheckTimeline(ctx, c.Actor, n, b.Note, c.Now)
	})
	part(t, r, "impact", "Say what a part of the impact was: customers, financial, technical or reputation", func(ctx context.Context, c route.Call, n int64, part string, b ReviewText) error {
		return r.Assess(ctx, c.Actor, n, part, b.Text, c.Now)
	})
	step(t, r, http.MethodPut, "communication", "Judge how well communication worked", authz.Review, func(ctx context.Context, c route.Call, n int64, b ReviewRating) error {
		return r.Rate(ctx, c.Actor, n, b.Rating, b.Text, c.Now)
	})
	step(t, r, http.MethodPost, "feedback", "Say how the response went", authz.Read, func(ctx context.Context, c route.Call, n int64, b NewReviewFeedback) error {
		return r.Hear(ctx, c.Actor, n, domain.Feedback{Rating: b.Rating, Good: b.Good, Bad: b.Bad}, c.Now)
	})
	step(t, r, http.MethodPost, "recommendations", "Recommend something for the process", authz.Review, func(ctx context.Context, c route.Call, n int64, b ReviewText) error {
		_, err := r.Suggest(ctx, c.Actor, n, b.Text, c.Now)
		return err
	})
	step(t, r, http.MethodPost, "sign-off", "Sign the review off, once nothing is missing", authz.Review, func(ctx context.Context, c route.Call, n int64, _ *record.Nothing) error {
		return r.Sign(ctx, c.Actor, n, c.Now)
	})
}

func meetingRoutes(t *route.Table, r *flow.Reviews) {
	part(t, r, "agenda", "Write down what was said and decided on an item", func(ctx context.Context, c route.Call, n int64, item string, b NewReviewMinutes) error {
		return r.Minute(ctx, c.Actor, n, item, domain.Minutes{Notes: b.Notes, Decided: b.Decided, Took: b.Minutes}, c.Now)
	})
	step(t, r, http.MethodPut, "meeting", "Set when the formal review is, and ask everybody to it", authz.Review, func(ctx context.Context, c route.Call, n int64, b NewReviewMeeting) error {
		return r.Plan(ctx, c.Actor, n, b.Start.UTC(), b.Length.Elapsed(), b.Reason, c.Now)
	})
	step(t, r, http.MethodPost, "meeting/held", "Say that the formal review took place", authz.Review, func(ctx context.Context, c route.Call, n int64, b ReviewHeld) error {
		return r.Hold(ctx, c.Actor, n, flow.Held{Start: b.Start.UTC(), End: b.End.UTC(), Attended: b.Attended, Reason: b.Reason}, c.Now)
	})
	step(t, r, http.MethodPut, "follow-up", "Set when it is looked at again, and by whom", authz.Review, func(ctx context.Context, c route.Call, n int64, b NewReviewFollowUp) error {
		return r.Follow(ctx, c.Actor, n, b.At.UTC(), b.Owner, c.Now)
	})
}
