//go:build !race

package story

// racing says that the race detector watches.
const racing = false
