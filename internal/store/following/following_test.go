package following_test

import (
	"testing"

	"allclear/internal/store/following"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, following.Queries()) }
