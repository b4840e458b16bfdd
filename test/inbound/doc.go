// Package inbound tests the ways in as a whole: bytes over HTTP, the sources,
// intake and both stores. It never looks inside a layer: it sends what senders
// send and reads what is stored.
package inbound
