package token_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/token"
)

func TestClientTokenProvesItself(t *testing.T) {
	t.Parallel()
	master := mustMaster(t)
	tokens := token.NewClientTokens(master)
	text, hash, err := tokens.New(rand.Reader, "client_abc")
	if err != nil {
		t.Fatal(err)
	}
	client, got, err := tokens.Parse(text)
	if err != nil || client != "client_abc" || got != hash {
		t.Fatalf("Parse = %q, %x, %v", client, got, err)
	}
	again, otherHash, err := tokens.New(rand.Reader, "client_abc")
	if err != nil || again == text || otherHash == hash {
		t.Error("two tokens of one client are alike")
	}
	ticket, _, err := token.NewTickets(master).New(rand.Reader, "sit_1")
	if err != nil {
		t.Fatal(err)
	}
	foreign, _, err := token.NewClientTokens(mustMaster(t)).New(rand.Reader, "client_abc")
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"empty": "", "prefix only": "pct_", "garbage": "pct_!!!!", "a jwt": "eyJ.eyJ.sig",
		"truncated": text[:len(text)-1], "extended": text + "A", "newline inside": text[:20] + "\n" + text[20:],
		"ticket": ticket, "ticket with our prefix": "pct_" + strings.TrimPrefix(ticket, "pst_"),
		"another instance": foreign, "huge": "pct_" + strings.Repeat("A", 1<<20),
	} {
		if _, _, err := tokens.Parse(bad); !errors.Is(err, token.ErrNotGenuine) {
			t.Errorf("%s: err = %v, want ErrNotGenuine", name, err)
		}
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := len("pct_"); i < len(text); i++ {
		for _, c := range []byte{alphabet[0], alphabet[1], alphabet[63]} {
			if text[i] == c {
				continue
			}
			if _, _, err := tokens.Parse(text[:i] + string(c) + text[i+1:]); err == nil {
				t.Fatalf("changing character %d was accepted", i)
			}
		}
	}
}

func TestTicketRoundTrip(t *testing.T) {
	t.Parallel()
	tickets := token.NewTickets(mustMaster(t))
	text, hash, err := tickets.New(rand.Reader, "sit_1")
	if err != nil {
		t.Fatal(err)
	}
	id, got, err := tickets.Parse(text)
	if err != nil || id != "sit_1" || got != hash {
		t.Errorf("Parse = %q, %x, %v", id, got, err)
	}
}

func TestCredentialKeysDoNotPrint(t *testing.T) {
	t.Parallel()
	master := mustMaster(t)
	key := master.Derive("client-token", 32)
	tokens := token.NewClientTokens(master)
	printed := ""
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%d"} {
		printed += fmt.Sprintf(verb, tokens)
	}
	for _, leak := range []string{fmt.Sprintf("%x", key)[:8], strings.Trim(fmt.Sprint(key[:4]), "[]")} {
		if strings.Contains(printed, leak) {
			t.Errorf("key printed: %s", printed)
		}
	}
}

func TestEntropyFailureIsAnError(t *testing.T) {
	t.Parallel()
	if _, _, err := token.NewClientTokens(mustMaster(t)).New(strings.NewReader("short"), "client_1"); err == nil {
		t.Error("a token was made without entropy")
	}
}

func FuzzParseClientToken(f *testing.F) {
	tokens := token.NewClientTokens(mustMaster(f))
	text, _, err := tokens.New(rand.Reader, "client_abc")
	if err != nil {
		f.Fatal(err)
	}
	f.Add("")
	f.Add("pct_AQ")
	f.Add(text[:30])
	f.Fuzz(func(t *testing.T, s string) {
		if _, _, err := tokens.Parse(s); err == nil && s != text {
			t.Fatalf("accepted %q", s)
		}
	})
}
