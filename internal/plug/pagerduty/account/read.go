package account

import (
	"context"
	"net/url"
	"time"
)

const (
	rendered   = 30 * 24 * time.Hour // of a schedule, to compare with
	overridden = 4                   // stretches of ninety days in which overrides are looked for
)

// Read reads the whole account; now is where schedules are looked at from.
func (c *Client) Read(ctx context.Context, now time.Time) (a *Account, err error) {
	a = &Account{}
	if a.Users, err = list[User](ctx, c, "/users", "users", url.Values{"include[]": {"contact_methods", "notification_rules"}}); err != nil {
		return nil, err
	}
	if a.Teams, err = list[Team](ctx, c, "/teams", "teams", nil); err != nil {
		return nil, err
	}
	for i := range a.Teams {
		t := &a.Teams[i]
		if t.Members, err = list[Member](ctx, c, "/teams/"+url.PathEscape(t.ID)+"/members", "members", nil); err != nil {
			return nil, err
		}
	}
	if a.Schedules, err = c.schedules(ctx, now); err != nil {
		return nil, err
	}
	if a.Policies, err = list[Policy](ctx, c, "/escalation_policies", "escalation_policies", nil); err != nil {
		return nil, err
	}
	a.Services, err = list[Service](ctx, c, "/services", "services", nil)
	return a, err
}

// schedules reads each one by itself: the list has no layers.
func (c *Client) schedules(ctx context.Context, now time.Time) ([]Schedule, error) {
	named, err := list[Reference](ctx, c, "/schedules", "schedules", nil)
	if err != nil {
		return nil, err
	}
	out := make([]Schedule, len(named))
	for i, n := range named {
		path := "/schedules/" + url.PathEscape(n.ID)
		var one struct{ Schedule Schedule }
		if err := c.get(ctx, path, between(now, now.Add(rendered)), &one); err != nil {
			return nil, err
		}
		out[i] = one.Schedule
		if out[i].Overrides, err = c.overrides(ctx, path, now); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// overrides reads the coming year, a stretch at a time; one that reaches over the
// end of a stretch is in both.
func (c *Client) overrides(ctx context.Context, path string, now time.Time) (out []Override, err error) {
	const stretch = 90 * 24 * time.Hour
	seen := map[string]bool{}
	for n := range overridden {
		from := now.Add(time.Duration(n) * stretch)
		var page struct{ Overrides []Override }
		if err := c.get(ctx, path+"/overrides", between(from, from.Add(stretch)), &page); err != nil {
			return nil, err
		}
		for _, o := range page.Overrides {
			if !seen[o.ID] {
				seen[o.ID] = true
				out = append(out, o)
			}
		}
	}
	return out, nil
}

func between(from, until time.Time) url.Values {
	return url.Values{"since": {from.UTC().Format(time.RFC3339)}, "until": {until.UTC().Format(time.RFC3339)}}
}
