package main

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestKeysRotate(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	kids := func(p *devProcess) []string {
		_, body := fetch(t, http.DefaultClient, p.ready.URL+"/.well-known/jwks.json")
		var out []string
		for _, m := range regexp.MustCompile(`"kid":"([^"]+)"`).FindAllStringSubmatch(body, -1) {
			out = append(out, m[1])
		}
		return out
	}
	first := startDev(t, data)
	before := kids(first)
	fails(t, "in use by another perennial process", "keys", "rotate", "--data", data)
	if err := first.stop(t); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(mustBuildPerennial(t), "keys", "rotate", "--data", data).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "BEGIN PUBLIC KEY") || strings.Contains(string(out), "PRIVATE") {
		t.Fatalf("%v: %s", err, out)
	}
	second := startDev(t, data)
	if after := kids(second); len(before) != 1 || len(after) != 2 || after[0] != before[0] || after[1] == before[0] {
		t.Errorf("published %v, before %v", after, before)
	}
	_ = second.stop(t)
	fails(t, "no such file", "keys", "rotate", "--data", filepath.Join(data, "nowhere"))
	fails(t, "holds no instance", "keys", "rotate", "--data", t.TempDir())
}
