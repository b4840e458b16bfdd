package cli

import "allclear/internal/base/fault"

// LintProcedure checks a procedure file.
func (t *Terminal) LintProcedure(_ string) error { return pending("procedure lint") }

// ShowProcedure prints a procedure as it is understood.
func (t *Terminal) ShowProcedure(_ string) error { return pending("procedure show") }

// DiffProcedure compares two procedures.
func (t *Terminal) DiffProcedure(_, _ string) error { return pending("procedure diff") }

func pending(what string) error { return fault.New(fault.Unavailable, "%s: not in this version", what) }
