package apitest

import (
	"strings"
	"testing"
)

// Scenario is one request and what must and must not be in its answer.
type Scenario struct {
	Name string
	Request
	Status   int
	Code     string   // of the first refusal
	Param    string   // its meta.param_name, when not empty
	Contains []string // of the body
	Lacks    []string
}

// Run performs the scenarios in order, as one caller, each as a subtest.
func (c *Caller) Run(t *testing.T, scenarios []Scenario) {
	t.Helper()
	for _, sc := range scenarios {
		t.Run(sc.Name, func(t *testing.T) {
			t.Helper()
			a := c.Send(t, sc.Request)
			if a.Status != sc.Status || a.Code() != sc.Code {
				t.Errorf("%s %s: got %d %s, want %d %s", sc.Method, sc.Path, a.Status, a.Body, sc.Status, sc.Code)
			}
			if got := a.Text("errors", "0", "meta", "param_name"); sc.Param != "" && got != sc.Param {
				t.Errorf("%s %s: about parameter %q, want %q", sc.Method, sc.Path, got, sc.Param)
			}
			for _, want := range sc.Contains {
				if !strings.Contains(string(a.Body), want) {
					t.Errorf("%s %s: no %q in %s", sc.Method, sc.Path, want, a.Body)
				}
			}
			for _, bad := range sc.Lacks {
				if strings.Contains(string(a.Body), bad) {
					t.Errorf("%s %s: %q in %s", sc.Method, sc.Path, bad, a.Body)
				}
			}
		})
	}
}
