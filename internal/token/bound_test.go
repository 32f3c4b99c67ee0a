package token_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/token"
)

func TestBoundTokenIsAFunctionOfWhatItSays(t *testing.T) {
	t.Parallel()
	master := mustMaster(t)
	tokens := token.NewBoundTokens(master)
	says := auth.BoundToken{Client: "client_abc", Lineage: auth.LineageID{1, 2}, Key: auth.KeyThumbprint{3}, Generation: 7}
	text := tokens.Text(says)
	if !tokens.Is(text) || tokens.Text(says) != text || token.NewBoundTokens(master).Text(says) != text {
		t.Fatal("the same credential has two texts")
	}
	if got, err := tokens.Parse(text); err != nil || got != says {
		t.Fatalf("Parse = %+v, %v", got, err)
	}
	seen := map[string]bool{text: true}
	for _, other := range []auth.BoundToken{
		{Client: "client_abd", Lineage: says.Lineage, Key: says.Key, Generation: 7},
		{Client: says.Client, Lineage: auth.LineageID{1, 3}, Key: says.Key, Generation: 7},
		{Client: says.Client, Lineage: says.Lineage, Key: auth.KeyThumbprint{4}, Generation: 7},
		{Client: says.Client, Lineage: says.Lineage, Key: says.Key, Generation: 8},
	} {
		if text := tokens.Text(other); seen[text] {
			t.Errorf("%+v has the text of another", other)
		}
	}
	client, _, err := token.NewClientTokens(master).New(strings.NewReader(strings.Repeat("x", 64)), "client_abc")
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"empty": "", "prefix only": "pcb_", "garbage": "pcb_!!!!", "truncated": text[:len(text)-1], "extended": text + "A",
		"newline inside": text[:20] + "\n" + text[20:], "a client token": client,
		"a client token with our prefix": "pcb_" + strings.TrimPrefix(client, "pct_"),
		"another instance":               token.NewBoundTokens(mustMaster(t)).Text(says), "huge": "pcb_" + strings.Repeat("A", 1<<20),
	} {
		if _, err := tokens.Parse(bad); !errors.Is(err, token.ErrNotGenuine) {
			t.Errorf("%s: err = %v, want ErrNotGenuine", name, err)
		}
	}
	for i := len("pcb_"); i < len(text); i++ {
		for _, c := range []byte("AB_") {
			if text[i] != c {
				if _, err := tokens.Parse(text[:i] + string(c) + text[i+1:]); err == nil {
					t.Fatalf("changing character %d was accepted", i)
				}
			}
		}
	}
}

func TestBranchesAreNamedByTheirBeginning(t *testing.T) {
	t.Parallel()
	tokens := token.NewBoundTokens(mustMaster(t))
	one := tokens.Branch("client_a", [32]byte{1}, auth.KeyThumbprint{1})
	if one != tokens.Branch("client_a", [32]byte{1}, auth.KeyThumbprint{1}) {
		t.Error("asking again names another lineage")
	}
	for name, other := range map[string]auth.LineageID{
		"another client":     tokens.Branch("client_b", [32]byte{1}, auth.KeyThumbprint{1}),
		"another credential": tokens.Branch("client_a", [32]byte{2}, auth.KeyThumbprint{1}),
		"another key":        tokens.Branch("client_a", [32]byte{1}, auth.KeyThumbprint{2}),
	} {
		if other == one {
			t.Errorf("%s: the same lineage", name)
		}
	}
}
