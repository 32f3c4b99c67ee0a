package storetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
)

func testMessages(t *testing.T, s Store) {
	ctx := t.Context()
	ch := auth.Change{}
	for _, n := range []int{2, 0, 1, 3} {
		ch.Messages = append(ch.Messages, newMessage(n))
	}
	mustCommit(t, s, ch)
	recent, err := s.RecentMessages(ctx, 3)
	if diff := cmp.Diff([]auth.Message{newMessage(3), newMessage(2), newMessage(1)}, recent); err != nil || diff != "" {
		t.Errorf("recent: %v (-want +got)\n%s", err, diff)
	}
	claim := func(now, until, limit int, want ...int) {
		t.Helper()
		got, err := s.ClaimMessages(ctx, at(now), at(until), limit)
		var messages []auth.Message
		for _, n := range want {
			messages = append(messages, newMessage(n))
		}
		if diff := cmp.Diff(messages, got); err != nil || diff != "" {
			t.Errorf("claim at %d: %v (-want +got)\n%s", now, err, diff)
		}
	}
	claim(2, 100, 2, 0, 1)
	claim(2, 100, 10, 2) // 3 is not due yet
	claim(99, 200, 10, 3)
	if err := s.DeleteMessages(ctx, []auth.MessageID{"msg_000", "msg_nothing"}); err != nil {
		t.Error(err)
	}
	claim(100, 300, 10, 1, 2) // due again; 0 is gone
	if err := s.DeleteMessages(ctx, nil); err != nil {
		t.Error(err)
	}
}

func testInstanceValue(t *testing.T, s Store) {
	ctx := t.Context()
	swap := func(old, value []byte, want error) {
		t.Helper()
		if err := s.SwapInstanceValue(ctx, "key", old, value); !errors.Is(err, want) {
			t.Errorf("swap %q for %q: %v, want %v", old, value, err, want)
		}
	}
	swap([]byte("a"), []byte("b"), auth.ErrConflict)
	swap(nil, []byte{}, nil)
	swap(nil, []byte("a"), auth.ErrConflict)
	swap([]byte{}, []byte("a\x00b"), nil)
	swap([]byte("a"), []byte("c"), auth.ErrConflict)
	swap([]byte("a\x00b"), []byte("d"), nil)
	if got, err := s.InstanceValue(ctx, "key"); err != nil || string(got) != "d" {
		t.Errorf("%q, %v", got, err)
	}
}
