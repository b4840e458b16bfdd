package api

import (
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/ledger"
	"allclear/internal/edge/api/route"
)

func (a *API) auditRoutes() {
	const tag = "audit"
	read, d := route.Needs(authz.ReadAudit), &ledger.Desk{Board: a.opt.Board, Audit: a.opt.Audit, Key: a.opt.AuditKey}
	route.Register(a.table, route.Route{
		Method: http.MethodGet, Path: "/audit", Summary: "List the record of all incidents and of what happens outside of them, newest first", Tag: tag,
		Detail: "Entries of restricted incidents are for their circles; a position that is missing from the list without filters is one of theirs.",
	}, read, asked(d.List))
	route.Register(a.table, route.Route{
		Method: http.MethodGet, Path: "/audit/checkpoint", Summary: "Show the newest signed checkpoint of the record", Tag: tag,
		Detail: "Keep its note where nobody who runs the installation can change it: only then a record that is cut off or written anew can be told.",
	}, read, asked(d.Checkpoint))
	route.Register(a.table, route.Route{
		Method: http.MethodGet, Path: "/audit/verification", Summary: "Verify the whole record against its seals", Tag: tag,
		Detail: "Every entry is read and hashed again: one verification at a time, others are answered 429 with Retry-After. A record too long for one request is verified by `allclear audit verify`.",
	}, read, asked(d.Verify))
}
