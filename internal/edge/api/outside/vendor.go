// Package outside owns the shapes of what others say, as the API shows them: the
// state of vendors, the map of what stands on what, and what people write about us.
// It holds no routes, and must not judge a word.
package outside

import (
	"time"

	"allclear/internal/domain/incident"
	"allclear/internal/domain/vendor"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/thirdparty"
)

// VendorFields are what is known of a vendor.
type VendorFields struct {
	Name       string   `json:"name" maxLength:"500"`
	Feed       string   `json:"feed" enum:"statuspage,gcp,aws,rss" doc:"statuspage: its summary.json. gcp: incidents.json. aws: the current events, or the RSS of a service. rss: RSS or Atom."`
	URL        string   `json:"url" maxLength:"2048" example:"https://status.example.com/api/v2/summary.json"`
	Components []string `json:"components,omitempty" maxItems:"200" doc:"Of theirs that we use, by name or id; for rss words of the entries; absent: all."`
	Services   []string `json:"services,omitempty" maxItems:"200" doc:"Of ours that depend on it."`
	Homepage   string   `json:"status_page,omitempty" maxLength:"2048" doc:"For people."`
	Support    string   `json:"support_url,omitempty" maxLength:"2048" doc:"Where to open a case with them."`
	Failover   string   `json:"failover,omitempty" maxLength:"8000" doc:"What takes its place, for people."`
	Primary    string   `json:"primary,omitempty" maxLength:"500" doc:"Provider that serves as a rule."`
	Backup     string   `json:"backup,omitempty" maxLength:"500" doc:"Provider that can stand in."`
	Over       string   `json:"failover_action,omitempty" maxLength:"64" doc:"Runbook action that has the backup serve."`
	Back       string   `json:"failback_action,omitempty" maxLength:"64" doc:"Runbook action that takes that back."`
}

// Vendor is somebody else's service that ours stand on.
type Vendor struct {
	ID string `json:"id"`
	VendorFields
	Status VendorStatus `json:"status"`
	wire.Stamp
}

// NewVendor is what a vendor is made or replaced with.
type NewVendor struct {
	ID string `json:"id,omitempty" maxLength:"64" doc:"Needed where the path has none."`
	VendorFields
}

// VendorStatus is how a vendor is, as it says itself.
type VendorStatus struct {
	State       vendor.State    `json:"state" enum:"unknown,ok,maintenance,degraded,outage" doc:"unknown: not read yet, or not for ten minutes."`
	Red         bool            `json:"red" doc:"What depends on it may suffer: degraded or outage."`
	Since       time.Time       `json:"since,omitzero"`
	What        string          `json:"what,omitempty"`
	Troubles    []VendorTrouble `json:"troubles" doc:"The worst first."`
	Missing     []string        `json:"missing_components,omitempty" doc:"Asked for, but not in their document."`
	ReadAt      time.Time       `json:"read_at,omitzero" doc:"Last tried."`
	SucceededAt time.Time       `json:"succeeded_at,omitzero"`
	Error       string          `json:"error,omitempty" doc:"Why it could not be read last time."`
}

// VendorTrouble is one thing a vendor says is wrong.
type VendorTrouble struct {
	What  string       `json:"what"`
	State vendor.State `json:"state" enum:"maintenance,degraded,outage,unknown,ok"`
	Link  string       `json:"link,omitempty"`
}

// StatusOf is a vendor's state as it is shown.
func StatusOf(s thirdparty.Status) VendorStatus {
	out := VendorStatus{
		State: s.State, Red: s.State.Red(), Since: s.Since, What: s.What, Missing: s.Missing, ReadAt: s.ReadAt, SucceededAt: s.SucceededAt, Error: s.Error,
		Troubles: wire.Each(s.Troubles, func(t vendor.Trouble) VendorTrouble { return VendorTrouble(t) }),
	}
	if s.State == "" {
		out.State = vendor.Unknown
	}
	return out
}

// ServiceMap shows what stands on what.
type ServiceMap struct {
	Nodes []MapNode `json:"nodes"`
	Edges []MapEdge `json:"edges"`
}

// MapNode is a service or a vendor.
type MapNode struct {
	Kind       string    `json:"kind" enum:"service,vendor"`
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Health     string    `json:"health" enum:"unknown,ok,maintenance,degraded,outage" doc:"Of a vendor what it says; of a service by its open incidents: outage with a P1 or P2, degraded with others."`
	What       string    `json:"what,omitempty"`
	Since      time.Time `json:"since,omitzero"`
	Incidents  []string  `json:"incidents,omitempty" doc:"Open ones." example:"INC-42"`
	RedVendors []string  `json:"red_vendors,omitempty" doc:"Vendors in trouble that it stands on, however far below."`
	Affects    []string  `json:"affects" doc:"Services that suffer when it does."`
	Customers  int       `json:"customers" doc:"Who use it or what it affects."`
	Primary    string    `json:"primary,omitempty" doc:"Of a vendor: the provider that serves as a rule."`
	Backup     string    `json:"backup,omitempty" doc:"Of a vendor: the provider that can stand in."`
	OnBackup   time.Time `json:"on_backup_since,omitzero" doc:"Present: the backup serves."`
}

// MapEdge says that one node depends on another.
type MapEdge struct {
	From   string `json:"from" doc:"A service."`
	To     string `json:"to"`
	ToKind string `json:"to_kind" enum:"service,vendor"`
}

// MapOf is the map as it is shown.
func MapOf(nodes []thirdparty.Node) ServiceMap {
	m := ServiceMap{Nodes: []MapNode{}, Edges: []MapEdge{}}
	for _, n := range nodes {
		m.Nodes = append(m.Nodes, MapNode{
			Kind: string(n.Kind), ID: n.ID, Name: n.Name, Health: string(n.Health), What: n.What, Since: n.Since, RedVendors: n.Reds, Customers: n.Customers, Primary: n.Primary, Backup: n.Backup, OnBackup: n.OnBackup,
			Incidents: wire.Each(n.Incidents, incident.Ref), Affects: wire.Each(n.Affects, func(s string) string { return s }),
		})
		for _, e := range n.On {
			m.Edges = append(m.Edges, MapEdge{From: n.ID, To: e.ID, ToKind: string(e.Kind)})
		}
	}
	return m
}
