// Package settle gives memory back that only starting up needed. It must not
// change what the program does.
package settle

import "runtime/debug"

// Down returns what is free on the heap, and the pages of the program itself that
// were read to start: those that are needed again come back by themselves.
func Down() {
	debug.FreeOSMemory()
	dropProgram()
}
