package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/perennialauth/perennial/internal/secret"
)

// readyFile is what tests and scripts learn about a running development
// server. The names are a contract.
type readyFile struct {
	URL            string `json:"url"`     // plain http base
	TLSURL         string `json:"tls_url"` // the same over TLS
	CAFile         string `json:"ca_file"`
	PublishableKey string `json:"publishable_key"`
	SecretKey      string `json:"secret_key"`
	InboxURL       string `json:"inbox_url"`
	PID            int    `json:"pid"`
}

// write makes the file appear at once and complete, readable by the owner
// only because of the secret key in it.
func (f readyFile) write(path string) error {
	raw, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	if err := secret.WriteFile(path, append(raw, '\n')); err != nil {
		return fmt.Errorf("ready file %s: %w", path, reason(err))
	}
	return nil
}

// awaitAnswer returns once the server answers a request, or with the context.
func awaitAnswer(ctx context.Context, base string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	// Through no proxy: the request must reach this process.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/v1/health", nil)
		if err != nil {
			return err
		}
		answer, err := client.Do(r)
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer on %s: %w", base, ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// removeReadyFile removes the file unless another process has replaced it.
func removeReadyFile(path string) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return
	}
	var f readyFile
	if json.Unmarshal(raw, &f) == nil && f.PID == os.Getpid() {
		_ = os.Remove(path)
	}
}
