package demo

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

const address = "ada@example.com"

// device launches the device commands of the binary, each as a process.
type device struct {
	binary, home    string
	key, server, ca string
}

// verdict is one line of `whoami --json`, with what was seen around it.
type verdict struct {
	Verdict   string        `json:"verdict"`
	Cause     string        `json:"cause"`
	Confirmed bool          `json:"confirmed"`
	SessionID string        `json:"session_id"`
	status    int           // exit status
	took      time.Duration // from starting the process to reading its line
}

// restored reports whether the launch showed the app and not the sign-in screen.
func (v verdict) restored() bool {
	return v.status == 0 && (v.Verdict == "active" || v.Verdict == "active-unverified")
}

func (d device) command(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, d.binary, args...)
	command.Env = append(os.Environ(),
		"PERENNIAL_HOME="+d.home, "PERENNIAL_PUBLISHABLE_KEY="+d.key,
		"PERENNIAL_SERVER="+d.server, "PERENNIAL_CA_FILE="+d.ca)
	return command
}

// signUp creates the user from the device, with the code from the inbox, in
// two processes.
func (d device) signUp(ctx context.Context, server *serverProcess) error {
	password := "demo-" + rand.Text()
	if err := d.run(ctx, password, "login", "--sign-up", "--email", address, "--password-stdin"); err != nil {
		return err
	}
	code, err := server.code(ctx, address)
	if err != nil {
		return err
	}
	return d.run(ctx, code, "login", "--code-stdin")
}

func (d device) run(ctx context.Context, input string, args ...string) error {
	command := d.command(ctx, args...)
	command.Stdin = strings.NewReader(input + "\n")
	output, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("perennial %s: %w: %s", args[0], err, bytes.TrimSpace(output))
	}
	return nil
}

// launch starts `whoami --json` and reads its verdict.
func (d device) launch(ctx context.Context, limit time.Duration, args ...string) (verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, limit+5*time.Second)
	defer cancel()
	command := d.command(ctx, append([]string{"whoami", "--json"}, args...)...)
	output, err := command.StdoutPipe()
	if err != nil {
		return verdict{}, err
	}
	start := time.Now()
	if err := command.Start(); err != nil {
		return verdict{}, err
	}
	line, readErr := bufio.NewReader(output).ReadBytes('\n')
	seen := verdict{took: time.Since(start)}
	_, _ = io.Copy(io.Discard, output)
	err = command.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return seen, err
	}
	seen.status = command.ProcessState.ExitCode()
	if readErr == nil {
		readErr = json.Unmarshal(line, &seen)
	}
	if readErr != nil && seen.status == 0 {
		return seen, fmt.Errorf("whoami printed no verdict: %w", readErr)
	}
	return seen, nil
}

// launchAndKill starts a launch that talks to the server and kills it after a
// while, wherever it then is.
func (d device) launchAndKill(ctx context.Context, after time.Duration) error {
	command := d.command(ctx, "whoami", "--json", "--wait", "confirmed", "--timeout", "30s")
	if err := command.Start(); err != nil {
		return err
	}
	timer := time.NewTimer(after)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	_ = command.Process.Kill()
	_ = command.Wait()
	return ctx.Err()
}
