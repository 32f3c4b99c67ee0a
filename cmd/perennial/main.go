// Command perennial is the one binary: the server for development and for
// production, and the device commands. It owns flags, configuration and the
// wiring of concrete types; wire.go is the only file that knows them all. It
// refuses rules: whatever can be decided without a flag is decided elsewhere.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() { os.Exit(run()) }

// run executes the command line and returns the exit status. The first
// interrupt asks the command to stop in good order; a second one kills.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	err := newRootCommand().ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if err.Error() != "" {
		// One line each, whatever a library has to say: scripts and people look
		// for the last line.
		_, _ = fmt.Fprintln(os.Stderr, "perennial:", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	var status interface{ ExitStatus() int }
	if errors.As(err, &status) {
		return status.ExitStatus()
	}
	return 1
}
