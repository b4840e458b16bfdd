// Package sim tries the whole engine under crashes: each seed draws a course of
// events, faults of providers and a few deaths of the process, runs it on a
// virtual clock, and compares what happened with what the procedure asks for,
// computed here a second time. It owns no rule of the product.
package sim
