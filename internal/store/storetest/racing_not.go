//go:build !race

package storetest

// Racing says that the race detector watches, which slows Go code down several times.
const Racing = false
