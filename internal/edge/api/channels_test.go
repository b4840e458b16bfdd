package api

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"allclear/internal/domain/catalog"
	"allclear/internal/edge/api/party"
)

// A contact can be written for every channel the catalogue knows, and somebody
// can add one for each but push, which a browser does by itself.
func TestContactsTakeEveryChannel(t *testing.T) {
	own := slices.DeleteFunc(slices.Clone(catalog.Channels), func(c string) bool { return c == "push" || c == "pagerduty" })
	for _, tt := range []struct {
		of   any
		want []string
	}{{party.Contact{}, catalog.Channels}, {NewOwnContact{}, own}} {
		f, _ := reflect.TypeOf(tt.of).FieldByName("Channel")
		if got := strings.Split(f.Tag.Get("enum"), ","); !slices.Equal(got, tt.want) {
			t.Errorf("%T: %v, want %v", tt.of, got, tt.want)
		}
	}
}
