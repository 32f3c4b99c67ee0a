package demo

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// fakeBinary makes this test binary behave as the perennial command, so that
// the demonstration can be checked against a device that loses its session.
const fakeBinary = "PERENNIAL_DEMO_FAKE"

func TestMain(m *testing.M) {
	flaw := os.Getenv(fakeBinary)
	if flaw == "" {
		os.Exit(m.Run())
	}
	switch os.Args[1] {
	case "dev":
		fakeServer()
	case "login":
		fakeLogin()
	case "whoami":
		os.Exit(fakeWhoami(flaw))
	}
}

func argument(name string) string {
	at := slices.Index(os.Args, name)
	if at < 0 || at+1 >= len(os.Args) {
		return ""
	}
	return os.Args[at+1]
}

func fakeServer() {
	listener, err := net.Listen("tcp", argument("--listen"))
	if err != nil {
		panic(err)
	}
	base := "http://" + listener.Addr().String()
	ready, _ := json.Marshal(map[string]string{"url": base, "publishable_key": "pk_test_x", "inbox_url": base + "/inbox"})
	if err := os.WriteFile(argument("--ready-file")+".new", ready, 0o600); err != nil {
		panic(err)
	}
	if err := os.Rename(argument("--ready-file")+".new", argument("--ready-file")); err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/inbox", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `[{"code":"424242"}]`) })
	mux.HandleFunc("/v1/client", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, "{}")
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	_ = server.Serve(listener)
}

func sessionFile() string { return filepath.Join(os.Getenv("PERENNIAL_HOME"), "session") }

func fakeLogin() {
	if !slices.Contains(os.Args, "--code-stdin") {
		return
	}
	if err := os.MkdirAll(os.Getenv("PERENNIAL_HOME"), 0o700); err != nil {
		panic(err)
	}
	if err := os.WriteFile(sessionFile(), []byte("x"), 0o600); err != nil {
		panic(err)
	}
}

// fakeWhoami has the flaw of a well-known kind of client: told so, it takes a
// page or an error for the end of the session.
func fakeWhoami(flaw string) int {
	verdict := map[string]any{"verdict": "active-unverified", "confirmed": false}
	if _, err := os.Stat(sessionFile()); err != nil {
		verdict["verdict"] = "signed-out"
	}
	end := time.Now().Add(5 * time.Second)
	for argument("--wait") == "confirmed" && verdict["verdict"] == "active-unverified" && time.Now().Before(end) {
		response, err := http.Get(os.Getenv("PERENNIAL_SERVER") + "/v1/client")
		if err != nil {
			continue
		}
		_ = response.Body.Close()
		switch {
		case response.StatusCode == http.StatusOK && response.Header.Get("Content-Type") == "application/json":
			verdict["verdict"], verdict["confirmed"] = "active", true
		case flaw == "loses":
			_ = os.Remove(sessionFile())
			verdict["verdict"] = "signed-out"
		}
	}
	_ = json.NewEncoder(os.Stdout).Encode(verdict)
	if verdict["verdict"] == "signed-out" {
		return 3
	}
	return 0
}
