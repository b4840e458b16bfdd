package api

import (
	"context"
	"net/http"

	"allclear/internal/edge/api/wire"
)

const problemType = wire.ProblemType

// Problem is every error of this interface.
type Problem = wire.Problem

// Wrong points at one thing.
type Wrong = wire.Wrong

func (a *API) toProblem(ctx context.Context, err error) *Problem {
	return wire.ProblemOf(ctx, a.opt.Log, err)
}

// Refuse answers with the problem of an error, outside an operation.
func (a *API) Refuse(w http.ResponseWriter, r *http.Request, err error) {
	a.toProblem(r.Context(), err).Write(w, r)
}
