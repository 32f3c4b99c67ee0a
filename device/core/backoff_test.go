package core

import (
	"math"
	"slices"
	"testing"
	"time"
)

// TestAThousandDevicesDoNotComeBackInStep: after an outage or a 429 every
// device asks at most once in its window, and the instants are spread.
func TestAThousandDevicesDoNotComeBackInStep(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		answer     Responded
		rounds     int
		atLeast    time.Duration
		atMost     time.Duration
		spreadOver float64 // coefficient of variation
	}{
		{
			"429 with Retry-After", Responded{Class: Ambiguous, Trouble: TroubleRateLimited, Status: 429, RetryAfter: 30 * time.Second},
			1, 30 * time.Second, 46 * time.Second, 0.08,
		},
		{
			"429 without", Responded{Class: Ambiguous, Trouble: TroubleRateLimited, Status: 429},
			1, 500 * time.Millisecond, 1100 * time.Millisecond, 0.15,
		},
		{
			"503, the fifth in a row", Responded{Class: Ambiguous, Trouble: TroubleServer, Status: 503},
			5, 8 * time.Second, 17 * time.Second, 0.15,
		},
		{
			"no route, the twentieth", Responded{Class: Ambiguous, Trouble: TroubleNoRoute},
			20, 150 * time.Second, 301 * time.Second, 0.15,
		},
		{
			"a Retry-After of a century", Responded{Class: Ambiguous, Trouble: TroubleServer, RetryAfter: 100 * 365 * 24 * time.Hour},
			1, time.Hour, 91 * time.Minute, 0.08,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var pauses []float64
			for device := range uint64(1000) {
				pauses = append(pauses, pauseAfter(t, device, test.answer, test.rounds).Seconds())
			}
			low, high := slices.Min(pauses), slices.Max(pauses)
			if low < test.atLeast.Seconds() || high > test.atMost.Seconds() {
				t.Errorf("pauses from %.2f s to %.2f s, want %v to %v", low, high, test.atLeast, test.atMost)
			}
			if spread := variation(pauses); spread < test.spreadOver {
				t.Errorf("coefficient of variation %.3f, want at least %.3f", spread, test.spreadOver)
			}
		})
	}
}

// pauseAfter lets one device fail as often as rounds says and returns its last
// pause. Until that is over it must not ask again, whatever the application
// asks for.
func pauseAfter(t *testing.T, device uint64, answer Responded, rounds int) time.Duration {
	t.Helper()
	now := Instant(1000)
	s, _ := Step(New(modelConfig()), now, Launch{Wall: modelWall, Entropy: [2]uint64{device * 7919, device}})
	s, _ = Step(s, now, StoreLoaded{
		ID: s.store.loading, Answer: StoreFound, Version: Version{"L0", 10}, Data: EncodeRecord(modelRecord(), "t"),
	})
	for round := range rounds {
		answer.ID = s.confirm.id
		if answer.ID == 0 {
			t.Fatal("nothing was asked")
		}
		s, _ = Step(s, now, answer)
		if s.confirm.id != 0 {
			t.Fatal("asked again at once")
		}
		due := s.timers[TimerConfirm]
		if round == rounds-1 {
			return due.Since(now)
		}
		now = due
		s, _ = Step(s, now, TimerFired{Timer: TimerConfirm, Due: due})
	}
	return 0
}

func variation(values []float64) float64 {
	mean, squares := 0.0, 0.0
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		squares += (v - mean) * (v - mean) / float64(len(values))
	}
	return math.Sqrt(squares) / mean
}

// TestTheServersWishIsKept: neither a foreground event nor an impatient caller
// makes a device ask before Retry-After is over.
func TestTheServersWishIsKept(t *testing.T) {
	t.Parallel()
	now := Instant(1000)
	s, _ := Step(New(modelConfig()), now, Launch{Wall: modelWall, Entropy: [2]uint64{1, 2}})
	s, _ = Step(s, now, StoreLoaded{
		ID: s.store.loading, Answer: StoreFound, Version: Version{"L0", 10}, Data: EncodeRecord(modelRecord(), "t"),
	})
	s, _ = Step(s, now, Responded{ID: s.confirm.id, Class: Ambiguous, Trouble: TroubleRateLimited, RetryAfter: 30 * time.Second})
	for i, event := range []Event{Nudged{}, TokenAsked{Call: 1}, TokenAsked{Call: 2, Force: true}, PeerChanged{}, Nudged{}} {
		var effects []Effect
		s, effects = Step(s, now.Add(time.Duration(i+1)*5*time.Second), event)
		for _, effect := range effects {
			if request, ok := effect.(SendRequest); ok {
				t.Fatalf("%T at second %d sent %s", event, (i+1)*5, request.Kind)
			}
		}
	}
}
