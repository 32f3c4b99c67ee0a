package frontendapi_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
)

// logged keeps what all tests of the package logged: thousands of requests,
// and every kind of trouble.
type logged struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

// secret names a secret in the log, or is empty. A token is known by how its
// header begins: the three letters that all of them share are in some ids, too.
func (l *logged) secret() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, never := range []string{password, "wrong password", "pct_", "pst_", "$argon2", "eyJhbGci", "eyJ0eXAi", "eyJraWQi", "@example.com", "_is_native", "sk_test"} {
		if _, after, found := strings.Cut(l.all.String(), never); found {
			return fmt.Sprintf("%s%.80s", never, after)
		}
	}
	return ""
}

// TestMain holds the log of every test to one rule: it names requests and
// causes, and neither people nor what proves who they are.
func TestMain(m *testing.M) {
	log := &logged{}
	slog.SetDefault(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	status := m.Run()
	if found := log.secret(); found != "" {
		fmt.Fprintf(os.Stderr, "FAIL: the log has a secret or a person in it: %s\n", found)
		status = 1
	}
	os.Exit(status)
}
