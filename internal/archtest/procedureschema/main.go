// Command procedureschema writes procedures/techflow.schema.json, the JSON
// Schema (2020-12) of procedure files, from the Go types that read them: their
// yaml keys, their comments and the words they allow. It must not know what a
// procedure means.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	source := flag.String("source", "../domain/procedure", "folder of the Go types")
	out := flag.String("out", "../../procedures/techflow.schema.json", "file to write")
	flag.Parse()
	if err := run(*source, *out); err != nil {
		fmt.Fprintln(os.Stderr, "procedureschema:", err)
		os.Exit(1)
	}
}

func run(source, out string) error {
	schema, err := generate(source)
	if err != nil {
		return err
	}
	return os.WriteFile(out, schema, 0o644)
}
