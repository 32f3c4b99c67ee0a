package transport_test

import (
	"bufio"
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/transport"
)

// A broken gateway sends a body with answers that have none. It holds a session
// token, and must not appear on the standard error of the host, where the
// standard library reports what it finds on a connection that it keeps.
func TestNothingBeyondAnAnswerIsPrinted(t *testing.T) {
	var printed bytes.Buffer
	before := log.Writer()
	log.SetOutput(&printed)
	defer log.SetOutput(before)
	const secret = `{"jwt":"a-session-token"}`
	for _, head := range []string{
		"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\n\r\n",
		"HTTP/1.1 103 Early Hints\r\n\r\n" + secret + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
	} {
		closed := make(chan struct{})
		address := rawServer(t, head+secret, closed)
		tr := mustNew(t, transport.Config{PublishableKey: key, Server: "http://" + address})
		got := tr.Do(t.Context(), core.SendRequest{Kind: core.MintToken, SessionID: "sess_1", Credential: core.NewSecret("x")})
		if got.Class != core.Ambiguous {
			t.Errorf("%.30q: %s", head, got.Class)
		}
		<-closed // the device has let go of the connection, so all of it was read
		tr.Close()
	}
	if strings.Contains(printed.String(), "token") || strings.Contains(printed.String(), "Unsolicited") {
		t.Errorf("printed: %s", printed.String())
	}
}

// rawServer answers one request of one connection with these bytes, and reports
// when the other side has closed it.
func rawServer(t *testing.T, answer string, closed chan<- struct{}) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		defer close(closed)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		reader := bufio.NewReader(conn)
		if request, err := http.ReadRequest(reader); err == nil {
			_, _ = io.Copy(io.Discard, request.Body)
		}
		_, _ = io.WriteString(conn, answer)
		_, _ = io.Copy(io.Discard, reader)
	}()
	return listener.Addr().String()
}
