package secret_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/perennialauth/perennial/internal/secret"
)

func mustKey(t testing.TB) *secret.MasterKey {
	t.Helper()
	k, err := secret.NewMasterKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestMasterKeyNeverPrints(t *testing.T) {
	t.Parallel()
	raw := bytes.Repeat([]byte{0xA5}, secret.MasterKeySize)
	k, err := secret.NewMasterKey(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", k, "sealer", k.Sealer("p"))
	js, err := json.Marshal(map[string]any{"k": k})
	if err != nil {
		t.Fatal(err)
	}
	printed := log.String() + string(js)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%d", "%q"} {
		printed += fmt.Sprintf(verb, k)
	}
	for _, leak := range []string{"a5a5", "A5A5", "165", k.Encode()[:8]} {
		if strings.Contains(printed, leak) {
			t.Errorf("printed forms contain %q: %s", leak, printed)
		}
	}
}

func TestParseMasterKey(t *testing.T) {
	t.Parallel()
	k := mustKey(t)
	text := k.Encode()
	tests := []struct {
		name, text string
		ok         bool
	}{
		{"canonical", text, true},
		{"with newline and spaces", "  " + text + "\n", true},
		{"without padding", strings.TrimRight(text, "="), true},
		{"url alphabet", strings.NewReplacer("+", "-", "/", "_").Replace(text), true},
		{"empty", "", false},
		{"too short", "AAAA", false},
		{"too long", text[:40] + text, false},
		{"not base64", "not a key at all, sorry, really not a key..", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := secret.ParseMasterKey(tt.text)
			if (err == nil) != tt.ok {
				t.Fatalf("err = %v, want ok %v", err, tt.ok)
			}
			if err != nil {
				if !errors.Is(err, secret.ErrMasterKey) {
					t.Errorf("error %v does not match ErrMasterKey", err)
				}
				if tt.text != "" && strings.Contains(err.Error(), tt.text) {
					t.Errorf("error repeats the key: %v", err)
				}
				return
			}
			if got.Encode() != text {
				t.Error("parsed key differs")
			}
		})
	}
}

func TestDeriveSeparatesPurposes(t *testing.T) {
	t.Parallel()
	k := mustKey(t)
	if !bytes.Equal(k.Derive("a", 32), k.Derive("a", 32)) {
		t.Error("the same purpose gave two keys")
	}
	if bytes.Equal(k.Derive("a", 32), k.Derive("b", 32)) {
		t.Error("two purposes gave one key")
	}
	if bytes.Equal(k.Derive("a", 32), mustKey(t).Derive("a", 32)) {
		t.Error("two master keys gave one key")
	}
}

func TestSealOpen(t *testing.T) {
	t.Parallel()
	k := mustKey(t)
	s := k.Sealer("signing-key")
	plain := []byte("the signing key")
	sealed, err := s.Seal("row/1", plain)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, plain) {
		t.Fatal("sealed record contains the plaintext")
	}
	if got, err := s.Open("row/1", sealed); err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("Open = %q, %v", got, err)
	}
	again, err := s.Seal("row/1", plain)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(again, sealed) {
		t.Error("sealing twice gave the same bytes")
	}
	refused := map[string]func() ([]byte, error){
		"another context": func() ([]byte, error) { return s.Open("row/2", sealed) },
		"another purpose": func() ([]byte, error) { return k.Sealer("outbox").Open("row/1", sealed) },
		"another key":     func() ([]byte, error) { return mustKey(t).Sealer("signing-key").Open("row/1", sealed) },
		"empty":           func() ([]byte, error) { return s.Open("row/1", nil) },
		"truncated":       func() ([]byte, error) { return s.Open("row/1", sealed[:len(sealed)-1]) },
	}
	for name, open := range refused {
		if got, err := open(); !errors.Is(err, secret.ErrSealed) {
			t.Errorf("%s: got %q, %v; want ErrSealed", name, got, err)
		}
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := s.Open("row/1", bad); !errors.Is(err, secret.ErrSealed) {
			t.Fatalf("flipping a bit of byte %d: err = %v", i, err)
		}
	}
}

func TestMasterKeyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.key")
	var wg sync.WaitGroup
	keys := make([]string, 8)
	for i := range keys {
		wg.Go(func() {
			k, err := secret.LoadOrCreateMasterKeyFile(path)
			if err != nil {
				t.Error(err)
				return
			}
			keys[i] = k.Encode()
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k != keys[0] {
			t.Fatal("concurrent first runs made different keys")
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %04o", info.Mode().Perm())
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("left-overs beside the key: %v, %v", entries, err)
	}
}

func TestMasterKeyFileIsNeverReplaced(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"empty": "", "garbage": "hello", "short": "AAAA\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "master.key")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := secret.LoadOrCreateMasterKeyFile(path); !errors.Is(err, secret.ErrMasterKey) {
				t.Fatalf("err = %v", err)
			}
			got, err := os.ReadFile(path)
			if err != nil || string(got) != content {
				t.Errorf("file changed to %q, %v", got, err)
			}
		})
	}
}

func TestMasterKeyFileReadableByOthersIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.key")
	if err := os.WriteFile(path, []byte(mustKey(t).Encode()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := secret.ReadMasterKeyFile(path)
	if err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Fatalf("err = %v, want one that says how to fix it", err)
	}
}

func TestWriteFileReplaces(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "f")
	for _, content := range []string{"one", "two"} {
		if err := secret.WriteFile(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != content {
			t.Fatalf("read %q, %v", got, err)
		}
	}
	if err := secret.WriteFile(filepath.Join(t.TempDir(), "no", "f"), nil); err == nil {
		t.Error("writing into a missing directory succeeded")
	}
}
