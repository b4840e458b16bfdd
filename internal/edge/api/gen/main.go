// Command gen writes the OpenAPI document beside the package that serves it. It
// must not be part of the product.
package main

import (
	"fmt"
	"os"

	"allclear/internal/edge/api"
)

func main() {
	if err := os.WriteFile("openapi.json", api.New(api.Options{}).Document(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
