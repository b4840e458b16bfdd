// Package procedures carries the built-in procedure and the schema of procedure
// files inside the binary. It must not interpret them.
package procedures

//go:generate go run ../internal/archtest/procedureschema -source ../internal/domain/procedure -out techflow.schema.json

import _ "embed"

// TechFlow is the built-in procedure, techflow.yaml.
//
//go:embed techflow.yaml
var TechFlow []byte

// Schema is the JSON Schema (2020-12) of procedure files, generated from the
// types of internal/domain/procedure.
//
//go:embed techflow.schema.json
var Schema []byte
