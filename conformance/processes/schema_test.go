//go:build unix

package processes_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/filevault"
)

// edit is a change to a file of the device's core that makes another version of
// it, in an overlay and not in the tree.
type edit struct{ file, from, to string }

// newer knows one thing more about a session, and says so in the heading. Told
// to, it writes a form that the version of today cannot read.
var newer = []edit{
	{"record_text.go", "	\"errors\"\n", "	\"errors\"\n	\"os\"\n"},
	{"record_text.go", "recordSchema   = 1", "recordSchema   = 3"},
	{"record_text.go", "AppendInt(b, recordReadable, 10)", "AppendInt(b, oldest, 10)"},
	{"record_text.go", "// Errors of [DecodeRecord].", "var oldest = int64(1 + 2*len(os.Getenv(\"" + newestVariable + "\")))\n\n// Errors of [DecodeRecord]."},
	{"record.go", "	Unknown string", "	Unknown string\n	// Colour is of the next version.\n	Colour string"},
	{"record_key.go", "	keyInstall\n", "	keyInstall\n	keyColour\n"},
	{"record_key.go", "	keyInstall: ", "	keyColour: \"colour\",\n	keyInstall: "},
	{"record_field.go", "	b = b.textLine(keyInstall, r.Install)", "	b = b.textLine(keyInstall, r.Install)\n	b = b.textLine(keyColour, r.Colour)"},
	{"record_field.go", "	case keyInstall:", "	case keyColour:\n		r.Colour = v.text()\n	case keyInstall:"},
	{"attempt.go", "SessionID: session.ID, SessionStatus", "Colour: \"of \" + session.ID, SessionID: session.ID, SessionStatus"},
}

// newestVariable, set to one character, makes the newer version write what the
// version of today cannot read.
const newestVariable = "PERENNIAL_PROCESSES_NEWEST"

// newerBinary builds the test binary with the core of the newer version.
func newerBinary(t *testing.T) string {
	t.Helper()
	dir, core := t.TempDir(), "../../device/core"
	texts, replace := map[string]string{}, map[string]string{}
	for _, e := range newer {
		text, begun := texts[e.file]
		if !begun {
			source, err := os.ReadFile(filepath.Join(core, e.file))
			if err != nil {
				t.Fatal(err)
			}
			text = string(source)
		}
		if strings.Count(text, e.from) != 1 {
			t.Fatalf("%s has no single %q: the edit is out of date", e.file, e.from)
		}
		texts[e.file] = strings.Replace(text, e.from, e.to, 1)
	}
	for file, text := range texts {
		original, err := filepath.Abs(filepath.Join(core, file))
		if err != nil {
			t.Fatal(err)
		}
		replace[original] = filepath.Join(dir, file)
		if err := os.WriteFile(replace[original], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, list, 0o600); err != nil {
		t.Fatal(err)
	}
	return build(t, "newer", "test", "-c", "-trimpath", "-vet=off", "-ldflags=-s -w", "-overlay", overlay, ".")
}

func (p *pair) newest(name string) job {
	j := p.job(name, false)
	j.Newest = true
	return j
}

// stored reads the record as it lies there.
func (p *pair) stored(t *testing.T) string {
	t.Helper()
	v, err := filevault.Open(filevault.Config{Dir: p.dir, Tenant: p.server.Key})
	if err != nil {
		t.Fatal(err)
	}
	loaded := v.Load(t.Context())
	if loaded.Answer != vault.Found {
		t.Fatalf("the store answers %s %s", loaded.Answer, loaded.Detail)
	}
	return string(loaded.Body)
}

func (p *pair) files(t *testing.T) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	contents := map[string]string{}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), "session-") {
			data, err := os.ReadFile(filepath.Join(p.dir, entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			contents[entry.Name()] = string(data)
		}
	}
	return contents
}

// Two versions of an app run side by side: an update is under way, or an
// extension has not been updated. What the newer one knows of a session survives
// every save of the older one, and each sees what the other one does.
func TestVersionsSideBySide(t *testing.T) {
	p := startPair(t) // its app is the older one
	next := start(t, newerBinary(t), p.job("newer app", false), nil)
	session := next.must(t, order{Do: "sign-in", User: person(0), Password: password}).Session
	next.must(t, order{Do: "drain"})
	colour := "\ncolour \"of " + session + "\"\n"
	if record := p.stored(t); !strings.Contains(record, colour) || !strings.HasPrefix(record, "perennial record 3 1\n") {
		t.Fatal("the newer version writes no newer record")
	}
	await(t, "the older one shows the session", callLimit, func() bool { return showsTruth(p.app.shows(), session) })
	p.app.must(t, order{Do: "send-code", User: person(1)}) // which is a save
	p.app.must(t, order{Do: "stored"})
	record := p.stored(t)
	if !strings.HasPrefix(record, "perennial record 1 1\n") || !strings.Contains(record, "\nattempt ") {
		t.Fatal("the older version has not saved")
	}
	if !strings.Contains(record, colour) {
		t.Error("a save of the older version lost what it does not know")
	}
	next.kill()
	again := start(t, newerBinary(t), p.job("newer app again", false), nil)
	await(t, "the newer one restores", callLimit, func() bool { return showsTruth(again.shows(), session) })
	again.must(t, order{Do: "fresh"})

	p.app.must(t, order{Do: "sign-out"})
	await(t, "the newer one is signed out too", callLimit, func() bool { return again.shows().Kind == "signed-out" })
	p.app.must(t, order{Do: "drain"})
	if status := p.server.status(t, session); status == "active" {
		t.Errorf("the session is %s on the server", status)
	}
}

// A version that cannot read what a newer one wrote does not touch it: whoever
// updates again has the session.
func TestVersionThatCannotRead(t *testing.T) {
	p := startPair(t)
	p.app.kill()
	future := start(t, newerBinary(t), p.newest("newest app"), nil)
	session := future.must(t, order{Do: "sign-in", User: person(0), Password: password}).Session
	future.must(t, order{Do: "drain"})
	future.kill()
	before := p.files(t)
	old := start(t, self(t), p.job("older app", false), nil)
	await(t, "the older one says what is the matter", callLimit, func() bool { return old.shows().Cause == "schema-newer" })
	if r := <-old.send(order{Do: "token"}); r.Failure != "undetermined" {
		t.Errorf("a token of the older one ends with %q", r.Failure)
	}
	if after := p.files(t); len(after) != len(before) {
		t.Errorf("%d files of the record became %d", len(before), len(after))
	} else {
		for name, data := range before {
			if after[name] != data {
				t.Errorf("%s has changed", name)
			}
		}
	}
	old.kill()
	back := start(t, newerBinary(t), p.newest("newest app again"), nil)
	await(t, "the newest one restores", callLimit, func() bool { return showsTruth(back.shows(), session) })

	// Somebody signs in with the older one after all. That is a sign-in, and what
	// was there is kept aside.
	back.kill()
	old = start(t, self(t), p.job("older app again", false), nil)
	await(t, "the older one says so again", callLimit, func() bool { return old.shows().Cause == "schema-newer" })
	second := old.must(t, order{Do: "sign-in", User: person(1), Password: password}).Session
	if verdict, _, _ := p.extension(t); verdict.Session != second {
		t.Errorf("an extension of the older one shows %+v", verdict)
	}
	if !strings.Contains(strings.Join(names(p.files(t)), " "), "quarantine") {
		t.Errorf("what could not be read is gone: %v", names(p.files(t)))
	}
}

func names(files map[string]string) []string {
	var list []string
	for name := range files {
		list = append(list, name)
	}
	return list
}
