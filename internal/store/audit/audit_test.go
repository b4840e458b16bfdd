package audit

import (
	"testing"

	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestQueriesFitBothEngines(t *testing.T) { storetest.PrepareAll(t, Queries()) }
