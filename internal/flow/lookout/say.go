package lookout

import (
	"strings"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/reach"
)

// Say writes a dead end for a person.
func Say(cat *catalog.Catalog, f reach.Finding) string {
	who := make([]string, len(f.People))
	for i, id := range f.People {
		who[i] = id
		if p, ok := cat.People[id]; ok {
			who[i] = p.Name
		}
	}
	names := strings.Join(who, ", ")
	what := "nobody is behind it"
	switch f.What {
	case reach.Unreachable:
		what = names + " without a contact that can be used"
	case reach.Away:
		what = names + " away without a deputy"
	case reach.Same:
		what = names + " is primary and secondary"
	}
	return f.Where + ": " + what + ", from " + f.From.UTC().Format(time.RFC3339) + " until " + f.Until.UTC().Format(time.RFC3339)
}
