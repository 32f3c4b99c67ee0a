package auth_test

import (
	"slices"
	"testing"

	"github.com/perennialauth/perennial/internal/auth"
)

func TestNormalizeRule(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		" Ada@Example.com ": "ada@example.com", "*@Example.com": "*@example.com", "@example.com": "*@example.com",
		"+49 (30) 1234567": "+49301234567", "+49*": "+49*",
		"": "", "*": "", "*@": "", "*@localhost": "", "+*": "", "+4a*": "", "ada": "", "a*@example.com": "", "*@*.com": "",
	} {
		got, kind, err := auth.NormalizeRule(given, "identifier")
		if got != want && err == nil || (err != nil) != (want == "") {
			t.Errorf("%q: %q (%s), %v; want %q", given, got, kind, err, want)
		}
		if want != "" && !slices.Contains(auth.RuleCandidates(want), want) && want[len(want)-1] != '*' && want[0] != '*' {
			t.Errorf("%q is not found by itself", want)
		}
	}
}

func TestRuleCandidates(t *testing.T) {
	t.Parallel()
	if got := auth.RuleCandidates("ada@example.com"); !slices.Equal(got, []string{"ada@example.com", "*@example.com"}) {
		t.Errorf("got %q", got)
	}
	got := auth.RuleCandidates("+4930123")
	for _, want := range []string{"+4930123", "+4*", "+49*", "+4930123*"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	if slices.Contains(got, "+*") || slices.Contains(got, "*@") {
		t.Errorf("got %q", got)
	}
}

func TestAdmit(t *testing.T) {
	t.Parallel()
	allow, block := []auth.RuleList{auth.AllowList}, []auth.RuleList{auth.BlockList}
	both := []auth.RuleList{auth.AllowList, auth.BlockList}
	for _, test := range []struct {
		name       string
		r          auth.Restrictions
		identifier string
		matching   []auth.RuleList
		admitted   bool
	}{
		{"no restrictions", auth.Restrictions{}, "a@example.com", both, true},
		{"not on the allow list", auth.Restrictions{AllowList: true}, "a@example.com", nil, false},
		{"on the allow list", auth.Restrictions{AllowList: true}, "a@example.com", allow, true},
		{"on the block list", auth.Restrictions{BlockList: true}, "a@example.com", block, false},
		{"on a block list that is off", auth.Restrictions{}, "a@example.com", block, true},
		{"on both", auth.Restrictions{AllowList: true, BlockList: true}, "a@example.com", both, true},
		{"a subaddress", auth.Restrictions{BlockEmailSubaddresses: true}, "a+b@example.com", nil, false},
		{"no subaddress", auth.Restrictions{BlockEmailSubaddresses: true}, "a@example.com", nil, true},
		{"a number has none", auth.Restrictions{BlockEmailSubaddresses: true}, "+49301234567", nil, true},
		{"a disposable address", auth.Restrictions{BlockDisposableDomains: true}, "a@mailinator.com", nil, false},
		{"of a subdomain", auth.Restrictions{BlockDisposableDomains: true}, "a@x.yopmail.com", nil, false},
		{"of another domain", auth.Restrictions{BlockDisposableDomains: true}, "a@notmailinator.com", nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := test.r.Admit(test.identifier, test.matching)
			if (err == nil) != test.admitted || err != nil && codeOf(err) != auth.CodeNotAllowedAccess {
				t.Errorf("got %v", err)
			}
		})
	}
}
