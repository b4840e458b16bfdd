// Package e2e tests the real binary: killed while events pour in, driven by a
// real browser, and by its documented surfaces. It owns no rule of the product
// and must not look behind its surfaces, except to start and end it.
package e2e
