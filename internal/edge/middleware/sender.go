package middleware

import (
	"net/http"

	"allclear/internal/base/fault"
)

// SenderStatus maps a kind of fault to HTTP for programs that send again by
// themselves: what is not the sender's fault is 5xx or 429, so that it tries again.
func SenderStatus(err error) int {
	switch fault.KindOf(err) {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Refused:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Busy:
		return http.StatusTooManyRequests
	case fault.Unavailable, fault.Conflict: // Conflict: no procedure is active yet
		return http.StatusServiceUnavailable
	case fault.Internal:
	}
	return http.StatusInternalServerError
}
