package auth_test

import (
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

func TestLineagePresent(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1_790_000_000_000)
	ended := auth.Lineage{Version: 3, Generation: 20, EndedAt: at}
	living := auth.Lineage{Version: 3, Generation: 20, PresentedAt: at}
	for _, tt := range []struct {
		name       string
		lineage    auth.Lineage
		generation int64
		want       auth.Presentation
		after      int64
	}{
		{"the first of a lineage", auth.Lineage{}, 1, auth.PresentedAdvance, 1},
		{"one of a lineage that the store lost", auth.Lineage{}, 7, auth.PresentedAdvance, 7},
		{"the current one", living, 20, auth.PresentedCurrent, 20},
		{"the successor", living, 21, auth.PresentedAdvance, 21},
		{"a later one after a restored server backup", living, 25, auth.PresentedAdvance, 25},
		{"the predecessor", living, 19, auth.PresentedBehind, 20},
		{"the oldest that is remembered", living, 12, auth.PresentedBehind, 20},
		{"one that is forgotten", living, 11, auth.PresentedOutdated, 20},
		{"the current one of an ended lineage", ended, 20, auth.PresentedEnded, 20},
		{"the successor in an ended lineage", ended, 21, auth.PresentedEnded, 20},
	} {
		token := auth.BoundToken{Client: "client_1", Lineage: auth.LineageID{1}, Key: auth.KeyThumbprint{2}, Generation: tt.generation}
		got, what := tt.lineage.Present(token, at)
		if what != tt.want || got.Generation != tt.after {
			t.Errorf("%s: %d, generation %d; want %d, %d", tt.name, what, got.Generation, tt.want, tt.after)
		}
		if tt.lineage.Version == 0 && got.Token(tt.generation) != token {
			t.Errorf("%s: %+v does not lead back to %+v", tt.name, got, token)
		}
		if what == auth.PresentedAdvance && !got.PresentedAt.Equal(at) || what != auth.PresentedAdvance && got != tt.lineage {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

func TestLineageEndsOnce(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1_790_000_000_000)
	token := auth.BoundToken{Client: "client_1", Lineage: auth.LineageID{1}, Generation: 4}
	l, changed := auth.Lineage{}.End(token, at)
	if !changed || l.ID != token.Lineage || l.MayRotate(at.Add(time.Hour)) {
		t.Errorf("%+v, changed %v", l, changed)
	}
	if again, changed := l.End(token, at.Add(time.Hour)); changed || again != l {
		t.Errorf("ended again: %+v", again)
	}
}

// What was once handed out is handed out again, whenever the device asks.
func TestRotationIsAllowedForGood(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1_790_000_000_000)
	l := auth.Lineage{Generation: 1, PresentedAt: at}
	for _, tt := range []struct {
		after time.Duration
		want  bool
	}{{0, false}, {auth.RotationInterval - 1, false}, {auth.RotationInterval, true}, {365 * 24 * time.Hour, true}} {
		if got := l.MayRotate(at.Add(tt.after)); got != tt.want {
			t.Errorf("after %v: %v", tt.after, got)
		}
	}
}
