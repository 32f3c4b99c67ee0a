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

// serverProcess is a running `perennial dev`.
type serverProcess struct {
	command *exec.Cmd
	exited  chan struct{}
	ready   ready
	log     *os.File
}

func startServer(ctx context.Context, binary, folder string) (*serverProcess, error) {
	readyFile := filepath.Join(folder, "ready.json")
	logFile, err := os.Create(filepath.Join(folder, "server.log"))
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, binary, "dev",
		"--listen", "127.0.0.1:0", "--data", filepath.Join(folder, "server"), "--ready-file", readyFile)
	command.Stdout, command.Stderr = logFile, logFile
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	s := &serverProcess{command: command, exited: make(chan struct{}), log: logFile}
	go func() { _ = command.Wait(); close(s.exited) }()
	if err := s.awaitReady(ctx, readyFile); err != nil {
		s.stop()
		return nil, fmt.Errorf("%w%s", err, s.lastWords())
	}
	return s, nil
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
	data, err := os.ReadFile(s.log.Name())
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
		_ = s.command.Process.Kill()
		<-s.exited
	}
	_ = s.log.Close()
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
