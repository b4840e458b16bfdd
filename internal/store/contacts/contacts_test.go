package contacts_test

import (
	"testing"

	"allclear/internal/store/contacts"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, contacts.Queries()) }
