package demo

import (
	"context"
	"os"
	"path/filepath"
)

// fault is one row of the demonstration.
type fault struct {
	name string
	mode mode
	// before runs between the kill and the relaunch, after behind the relaunch.
	before, after func(ctx context.Context, s *stage) error
}

func allFaults() []fault {
	return []fault{
		{name: "server up", mode: modeUp},
		{name: "server slow (3 s)", mode: modeSlow},
		{name: "server down", mode: modeDown},
		{name: "server answers 5xx", mode: modeServerError},
		{name: "server answers 429", mode: modeRateLimited},
		{name: "captive portal (HTML 200)", mode: modePage},
		{name: "token rotated each answer", mode: modeRotate},
		{name: "server killed", mode: modeUp, before: killServer, after: startAgain},
		{name: "newest file torn", mode: modeUp, before: tearNewestSlot},
	}
}

// tearNewestSlot cuts the newest record file in half, as a power cut in the
// middle of an unprotected write would. While there is only one file it is left
// alone: nothing survives the loss of the only copy.
func tearNewestSlot(_ context.Context, s *stage) error {
	var newest string
	var newestInfo os.FileInfo
	var slots int
	for _, pattern := range []string{"session-*.a", "session-*.b"} {
		names, err := filepath.Glob(filepath.Join(s.device.home, "*", pattern))
		if err != nil {
			return err
		}
		more, err := filepath.Glob(filepath.Join(s.device.home, pattern))
		if err != nil {
			return err
		}
		for _, name := range append(names, more...) {
			info, err := os.Stat(name)
			if err != nil {
				return err
			}
			slots++
			if newestInfo == nil || info.ModTime().After(newestInfo.ModTime()) {
				newest, newestInfo = name, info
			}
		}
	}
	if slots < 2 || newestInfo.Size() < 2 {
		return nil
	}
	return os.Truncate(newest, newestInfo.Size()/2)
}

// killServer ends the server as a power cut does. What it acknowledged must be
// there when it is back.
func killServer(_ context.Context, s *stage) error {
	s.server.kill()
	return nil
}

func startAgain(ctx context.Context, s *stage) error { return s.server.start(ctx) }
