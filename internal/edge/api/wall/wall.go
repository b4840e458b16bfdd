// Package wall owns the read-only board of one incident for the screen of a
// conference room (WAR-PHY-SCREEN): an address that needs no account, ends by
// itself, and shows nothing of a restricted incident. It must not change anything
// but the record that an address was made.
package wall

import (
	"context"
	"net/http"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/board"
	"allclear/internal/flow/command"
)

// Options are what the routes stand on.
type Options struct {
	Board   *board.Board
	Command *command.Command
	Key     []byte // signs addresses
	URL     string // of the console, before /wall/
}

// How long an address lasts.
const (
	usual   = 8 * time.Hour
	longest = 72 * time.Hour
)

// recent is how many entries of the timeline are shown.
const recent = 40

// NewWall asks for an address.
type NewWall struct {
	For recur.Span `json:"for,omitzero" doc:"How long it lasts, up to 72h; 8h if absent."`
}

// WallAddress is a read-only address of one incident.
type WallAddress struct {
	URL   string    `json:"url" doc:"Shown once; whoever has it may read the board."`
	Token string    `json:"token"`
	Until time.Time `json:"until"`
}

// Wall is what the screen shows.
type Wall struct {
	Incident   record.IncidentSummary `json:"incident"`
	Clocks     []record.Deadline      `json:"clocks" doc:"Those that run, and those that ended."`
	Responders []record.Responder     `json:"responders"`
	Tasks      []WallTask             `json:"tasks" doc:"The open ones, the earliest due first."`
	Timeline   []WallEntry            `json:"timeline" doc:"The newest first."`
	Now        time.Time              `json:"now"`
	Until      time.Time              `json:"until" doc:"When the address ends."`
}

// WallTask is one open task.
type WallTask struct {
	Title string    `json:"title"`
	Phase string    `json:"phase,omitempty"`
	Owner string    `json:"owner,omitempty" doc:"Who is at it, else whom it is asked of."`
	Taken bool      `json:"taken" doc:"Somebody is at it."`
	DueAt time.Time `json:"due_at,omitzero"`
	Late  bool      `json:"late"`
}

// WallEntry is one entry of the timeline.
type WallEntry struct {
	ID    string           `json:"id"`
	Kind  record.EventKind `json:"kind"`
	At    time.Time        `json:"at"`
	Actor string           `json:"actor"`
	Text  string           `json:"text,omitempty"`
}

type newInput struct {
	route.IncidentPath
	Body *NewWall
}

type showInput struct {
	Token string `path:"token" maxLength:"100"`
}

// Routes adds the routes.
func Routes(t *route.Table, o Options) {
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/incidents/{id}/wall", Summary: "Make a read-only address for a screen", Tag: "incidents", Status: http.StatusCreated, Secret: true}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *newInput) (*route.Reply[WallAddress], error) {
			return o.open(ctx, c, in)
		})
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/wall/{token}", Summary: "Show the wall board of an address", Tag: "incidents"}, route.Public(),
		func(ctx context.Context, c route.Call, in *showInput) (*route.Reply[Wall], error) {
			number, until, err := readToken(o.Key, in.Token, c.Now)
			if err != nil {
				return nil, err
			}
			w, err := o.show(ctx, number, c.Now)
			w.Until = until
			return route.One(w), err
		})
}

func (o Options) open(ctx context.Context, c route.Call, in *newInput) (*route.Reply[WallAddress], error) {
	n, err := in.Number()
	if err != nil {
		return nil, err
	}
	d := usual
	if in.Body != nil && !in.Body.For.IsZero() {
		if d = in.Body.For.Elapsed(); in.Body.For.Business() || d < time.Minute || d > longest {
			return nil, fault.New(fault.Invalid, "validation failed").With("body.for", "give 1m to 72h")
		}
	}
	until := c.Now.Add(d).Truncate(time.Second)
	if err := o.Command.WallOpened(ctx, c.Actor, n, until, c.Now); err != nil {
		return nil, err
	}
	token := tokenOf(o.Key, n, until)
	return route.One(WallAddress{URL: o.URL + "/wall/" + token, Token: token, Until: until}), nil
}

// show reads the board as the software sees it; a restricted incident does not
// exist on walls (reading 18).
func (o Options) show(ctx context.Context, number int64, now time.Time) (w Wall, err error) {
	who := authz.Software("wall")
	whole, err := o.Board.Incident(ctx, who, number)
	if err != nil {
		return w, err
	}
	if whole.Restricted {
		return w, fault.New(fault.NotFound, "there is no such wall board, or its time is over")
	}
	w = Wall{Incident: record.SummaryOf(whole.Item, whole.Names), Now: now}
	clocks, err := o.Board.Deadlines(ctx, who, number)
	if err != nil {
		return w, err
	}
	w.Clocks = record.Filled(wire.Each(clocks.Items, record.DeadlineOf))
	people, err := o.Board.Responders(ctx, who, number)
	if err != nil {
		return w, err
	}
	w.Responders = record.Filled(wire.Each(people.Items, record.ResponderOf(people.Names)))
	if w.Tasks, err = o.tasks(ctx, who, number, now); err != nil {
		return w, err
	}
	w.Timeline, err = o.timeline(ctx, who, number)
	return w, err
}

func (o Options) tasks(ctx context.Context, who authz.Actor, number int64, now time.Time) ([]WallTask, error) {
	all, err := o.Board.Tasks(ctx, who, number, now)
	if err != nil {
		return nil, err
	}
	open := slices.DeleteFunc(all.Items, func(t board.TaskItem) bool { return t.State != checklist.Open })
	slices.SortStableFunc(open, func(a, b board.TaskItem) int {
		if a.DueAt.IsZero() != b.DueAt.IsZero() {
			if a.DueAt.IsZero() {
				return 1
			}
			return -1
		}
		return a.DueAt.Compare(b.DueAt)
	})
	return record.Filled(wire.Each(open, func(t board.TaskItem) WallTask {
		out := WallTask{Title: t.Title, Phase: t.Phase, DueAt: t.DueAt, Late: t.Late(now), Taken: t.TakenBy != ""}
		switch {
		case out.Taken:
			out.Owner = all.Names.Person(t.TakenBy)
		case len(t.People) == 1:
			out.Owner = all.Names.Person(t.People[0])
		default:
			out.Owner = t.Owner
		}
		return out
	})), nil
}

// told are the kinds of entries whose words are shown. Others may carry ways in,
// customers, or what a program wrote: the screen says that they happened.
var told = []event.Kind{
	event.Opened, event.Declared, event.SeverityChanged, event.Mitigated, event.Monitoring, event.ResolvedKind, event.Reopened, event.Scoped, event.RoleTaken,
	event.WarRoomActive, event.Automatic, event.TaskOpened, event.TaskTaken, event.TaskDone, event.TaskSkipped,
}

// timeline shows the newest entries: their words, and nothing of their data.
func (o Options) timeline(ctx context.Context, who authz.Actor, number int64) ([]WallEntry, error) {
	p, err := o.Board.Latest(ctx, who, number, recent)
	if err != nil {
		return nil, err
	}
	out := make([]WallEntry, len(p.Items))
	for k, e := range p.Items {
		out[k] = WallEntry{ID: e.ID.String(), Kind: record.EventKind(e.Kind), At: e.At, Actor: p.Names.Person(e.Actor)}
		if slices.Contains(told, e.Kind) {
			out[k].Text = e.Data.Text
		}
	}
	return out, nil
}
