package middleware

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// A sender that writes its whole body before it reads must still learn why it
// was refused, also when the handler did not read a byte. INV-I6
func TestARefusalReachesASenderThatIsStillWriting(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // lives as long as the test
	if err != nil {
		t.Fatal(err)
	}
	srv := Server(Console(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
	}), slog.New(slog.DiscardHandler), fixed))
	go func() { _ = srv.Serve(l) }()
	defer func() { _ = srv.Close() }()
	for _, size := range []int{600_000, 5 << 20} {
		conn, err := net.Dial("tcp", l.Addr().String()) //nolint:noctx // loopback
		if err != nil {
			t.Fatal(err)
		}
		head := "POST /v2/enqueue HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
		body := bytes.Repeat([]byte("x"), size)
		if _, err := io.WriteString(conn, head+strconv.Itoa(size)+"\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write(body); err != nil {
			t.Fatalf("%d bytes: cut off while writing: %v", size, err)
		}
		got, err := io.ReadAll(conn)
		if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 413 ") {
			t.Errorf("%d bytes: got %q, %v; want the refusal", size, got, err)
		}
		_ = conn.Close()
	}
}
