package healthchecks_test

import (
	"testing"

	"allclear/internal/store/healthchecks"
	"allclear/internal/store/storetest"
)

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, healthchecks.Queries()) }
