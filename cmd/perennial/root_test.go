package main

import (
	"bytes"
	"strings"
	"testing"
)

// The server commands are built only when asked for, and then are whole.
func TestServerCommandsExplainThemselves(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want []string
	}{
		{[]string{"dev", "--help"}, []string{"perennial dev [flags]", "--ready-file"}},
		{[]string{"help", "dev"}, []string{"perennial dev [flags]", "--ready-file"}},
		{[]string{"serve", "-h"}, []string{"perennial serve [flags]", "--allowed-origins", "PERENNIAL_HOST"}},
		{[]string{"help", "serve"}, []string{"perennial serve [flags]", "--config"}},
		{[]string{"--help"}, []string{"dev ", "serve ", "login ", "check ", "keys ", "keygen "}},
		{[]string{"version"}, []string{"perennial "}},
	} {
		var out bytes.Buffer
		root := newRootCommand()
		root.SetArgs(tt.args)
		root.SetOut(&out)
		root.SetErr(&out)
		if err := root.ExecuteContext(t.Context()); err != nil {
			t.Errorf("%v: %v", tt.args, err)
		}
		for _, want := range tt.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%v: %q is missing from\n%s", tt.args, want, out.String())
			}
		}
	}
	for _, args := range [][]string{{"dev", "--nonsense"}, {"dev", "extra"}, {"serve", "extra"}} {
		root := newRootCommand()
		root.SetArgs(args)
		if err := root.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), args[1]) {
			t.Errorf("%v: err = %v", args, err)
		}
	}
}

func BenchmarkRootCommand(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newRootCommand()
	}
}
