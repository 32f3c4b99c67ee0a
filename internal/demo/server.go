package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// ready is what the server's ready file says.
type ready struct {
	URL            string `json:"url"`
	CAFile         string `json:"ca_file"`
	PublishableKey string `json:"publishable_key"`
	InboxURL       string `json:"inbox_url"`
}

// serverProcess is a `perennial dev` that can be killed and started again on the
// same data and the same port.
type serverProcess struct {
	binary, folder, listen string

	command *exec.Cmd
	exited  chan struct{}
	ready   ready
	logName string
}

func (s *serverProcess) start(ctx context.Context) error {
	readyFile := filepath.Join(s.folder, "ready.json")
	if err := os.Remove(readyFile); err != nil && !os.IsNotExist(err) {
		return err
	}
	s.logName = filepath.Join(s.folder, "server.log")
	logFile, err := os.Create(s.logName)
	if err != nil {
		return err
	}
	defer func() { _ = logFile.Close() }()
	command := exec.CommandContext(ctx, s.binary, "dev",
		"--listen", s.listen, "--data", filepath.Join(s.folder, "server"), "--ready-file", readyFile)
	command.Stdout, command.Stderr = logFile, logFile
	if err := command.Start(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	exited := make(chan struct{})
	s.command, s.exited = command, exited
	go func() { _ = command.Wait(); close(exited) }()
	if err := s.awaitReady(ctx, readyFile); err != nil {
		s.stop()
		return fmt.Errorf("%w%s", err, s.lastWords())
	}
	if base, err := url.Parse(s.ready.URL); err == nil {
		s.listen = base.Host
	}
	return nil
}

func (s *serverProcess) awaitReady(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		data, err := os.ReadFile(path)
		if err == nil {
			return json.Unmarshal(data, &s.ready)
		}
		select {
		case <-tick.C:
		case <-s.exited:
			return fmt.Errorf("the server ended before it was ready")
		case <-ctx.Done():
			return errNotStarted
		}
	}
}

// lastWords is the end of the server's log, for an error message.
func (s *serverProcess) lastWords() string {
	data, err := os.ReadFile(s.logName)
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	if err != nil || lines[len(lines)-1] == "" {
		return ""
	}
	return ": " + lines[len(lines)-1]
}

// stop asks the server to end and kills it when it takes too long.
func (s *serverProcess) stop() {
	_ = s.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.exited:
	case <-time.After(5 * time.Second):
		s.kill()
	}
}

func (s *serverProcess) kill() {
	_ = s.command.Process.Kill()
	<-s.exited
}

// code waits for the newest code sent to an address.
func (s *serverProcess) code(ctx context.Context, address string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if code := s.newestCode(ctx, address); code != "" {
			return code, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return "", fmt.Errorf("no code arrived in the inbox for %s", address)
		}
	}
}

func (s *serverProcess) newestCode(ctx context.Context, address string) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.ready.InboxURL+"?to="+url.QueryEscape(address), http.NoBody)
	if err != nil {
		return ""
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	var messages []struct {
		Code string `json:"code"`
	}
	if json.NewDecoder(response.Body).Decode(&messages) != nil || len(messages) == 0 {
		return ""
	}
	return messages[0].Code
}
