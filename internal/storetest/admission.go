package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
)

func newInvitation(n int) auth.Invitation {
	return auth.Invitation{
		ID: auth.InvitationID(fmt.Sprintf("inv_%d", n)), EmailAddress: fmt.Sprintf("u%d@example.com", n), Hash: hashOf(n),
		Status: auth.InvitationPending, PublicMeta: json.RawMessage(`{"plan":"ü"}`), RedirectURL: "https://example.com/?a=1",
		ExpireAt: at(n + 100), CreatedAt: at(n), UpdatedAt: at(n),
	}
}

// testInvitations: they are found by id, by ticket and by state, and used once.
func testInvitations(t *testing.T, s Store) {
	var all auth.AdmissionChange
	for n := range 3 {
		all.Invitations = append(all.Invitations, newInvitation(n))
	}
	mustCommit(t, s, auth.Change{Admission: all})
	want := newInvitation(1)
	want.Version = 1
	byID, err := s.Invitation(t.Context(), "inv_1")
	if diff := cmp.Diff(want, byID); err != nil || diff != "" {
		t.Errorf("by id: %v %s", err, diff)
	}
	byHash, err := s.InvitationByHash(t.Context(), hashOf(1))
	if diff := cmp.Diff(want, byHash); err != nil || diff != "" {
		t.Errorf("by ticket: %v %s", err, diff)
	}
	used := byID
	used.Status, used.UpdatedAt = auth.InvitationAccepted, at(50)
	use := auth.Change{Admission: auth.AdmissionChange{Invitations: []auth.Invitation{used}}}
	mustCommit(t, s, use)
	if err := s.Commit(t.Context(), use); !errors.Is(err, auth.ErrConflict) {
		t.Errorf("used twice: %v", err)
	}
	for name, test := range map[string]struct {
		q    auth.InvitationQuery
		want []auth.InvitationID
	}{
		"all, newest first": {auth.InvitationQuery{}, []auth.InvitationID{"inv_2", "inv_1", "inv_0"}},
		"oldest first":      {auth.InvitationQuery{Oldest: true}, []auth.InvitationID{"inv_0", "inv_1", "inv_2"}},
		"pending":           {auth.InvitationQuery{Status: auth.InvitationPending, Now: at(101)}, []auth.InvitationID{"inv_2"}},
		"expired":           {auth.InvitationQuery{Status: auth.InvitationExpired, Now: at(101)}, []auth.InvitationID{"inv_0"}},
		"accepted":          {auth.InvitationQuery{Status: auth.InvitationAccepted, Now: at(500)}, []auth.InvitationID{"inv_1"}},
		"of an address":     {auth.InvitationQuery{EmailAddress: "u2@example.com"}, []auth.InvitationID{"inv_2"}},
		"by a part":         {auth.InvitationQuery{Query: "u0@"}, []auth.InvitationID{"inv_0"}},
		"a page":            {auth.InvitationQuery{Limit: 1, Offset: 1}, []auth.InvitationID{"inv_1"}},
	} {
		if test.q.Limit == 0 {
			test.q.Limit = 10
		}
		page, total, err := s.Invitations(t.Context(), test.q)
		var got []auth.InvitationID
		for _, i := range page {
			got = append(got, i.ID)
		}
		if err != nil || !slices.Equal(got, test.want) || total < len(got) {
			t.Errorf("%s: %v of %d, %v; want %v", name, got, total, err, test.want)
		}
	}
}

// testDeletedInvitation: nothing of it can be found, and it is deleted once.
func testDeletedInvitation(t *testing.T, s Store) {
	i := newInvitation(1)
	mustCommit(t, s, auth.Change{Admission: auth.AdmissionChange{Invitations: []auth.Invitation{i}}})
	i.Version = 1
	gone := auth.Change{Admission: auth.AdmissionChange{DeletedInvitations: []auth.Invitation{i}}}
	mustCommit(t, s, gone)
	if err := s.Commit(t.Context(), gone); !errors.Is(err, auth.ErrConflict) {
		t.Errorf("deleted twice: %v", err)
	}
	if _, err := s.Invitation(t.Context(), i.ID); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("by id: %v", err)
	}
	if _, err := s.InvitationByHash(t.Context(), i.Hash); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("by ticket: %v", err)
	}
}

// testWaitlist: one entry for one address, decided once.
func testWaitlist(t *testing.T, s Store) {
	entry := auth.WaitlistEntry{
		ID: "wle_1", EmailAddress: "a@example.com", Status: auth.WaitlistPending, Invitation: "inv_1", CreatedAt: at(1), UpdatedAt: at(2),
	}
	other := entry
	other.ID = "wle_2"
	add := func(e auth.WaitlistEntry) auth.Change {
		return auth.Change{Admission: auth.AdmissionChange{Waitlist: []auth.WaitlistEntry{e}}}
	}
	mustCommit(t, s, add(entry))
	if err := s.Commit(t.Context(), add(other)); !errors.Is(err, auth.ErrExists) {
		t.Errorf("a second entry of one address: %v", err)
	}
	entry.Version = 1
	for name, look := range map[string]func() (auth.WaitlistEntry, error){
		"id":      func() (auth.WaitlistEntry, error) { return s.WaitlistEntry(t.Context(), "wle_1") },
		"address": func() (auth.WaitlistEntry, error) { return s.WaitlistEntryByEmail(t.Context(), "a@example.com") },
	} {
		got, err := look()
		if diff := cmp.Diff(entry, got); err != nil || diff != "" {
			t.Errorf("by %s: %v %s", name, err, diff)
		}
	}
	page, total, err := s.WaitlistEntries(t.Context(), auth.WaitlistQuery{Status: auth.WaitlistPending, Query: "example", Limit: 10})
	if err != nil || total != 1 || len(page) != 1 {
		t.Errorf("list: %v of %d, %v", page, total, err)
	}
	mustCommit(t, s, auth.Change{Admission: auth.AdmissionChange{DeletedWaitlist: []auth.WaitlistEntry{entry}}})
	if _, err := s.WaitlistEntry(t.Context(), "wle_1"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("a deleted entry: %v", err)
	}
}

// testIdentifierRules: a rule is on its list once, and found by what it matches.
func testIdentifierRules(t *testing.T, s Store) {
	rule := func(id, identifier string, list auth.RuleList) auth.IdentifierRule {
		return auth.IdentifierRule{
			ID: auth.IdentifierRuleID(id), List: list, Identifier: identifier, Kind: "email_address", CreatedAt: at(1), UpdatedAt: at(1),
		}
	}
	add := func(rules ...auth.IdentifierRule) auth.Change {
		return auth.Change{Admission: auth.AdmissionChange{Identifiers: rules}}
	}
	mustCommit(t, s, add(rule("blid_1", "*@evil.example", auth.BlockList), rule("alid_1", "a@evil.example", auth.AllowList),
		rule("blid_2", "a@evil.example", auth.BlockList)))
	if err := s.Commit(t.Context(), add(rule("blid_3", "*@evil.example", auth.BlockList))); !errors.Is(err, auth.ErrExists) {
		t.Errorf("twice on one list: %v", err)
	}
	for identifier, want := range map[string]int{"a@evil.example": 3, "b@evil.example": 1, "b@example.com": 0} {
		if got, err := s.MatchingLists(t.Context(), auth.RuleCandidates(identifier)); err != nil || len(got) != want {
			t.Errorf("%s: %v, %v", identifier, got, err)
		}
	}
	page, total, err := s.IdentifierRules(t.Context(), auth.BlockList, 1, 0)
	if err != nil || total != 2 || len(page) != 1 {
		t.Errorf("list: %v of %d, %v", page, total, err)
	}
	mustCommit(t, s, auth.Change{Admission: auth.AdmissionChange{DeletedRules: []auth.IdentifierRuleID{"blid_1"}}})
	if _, err := s.IdentifierRule(t.Context(), "blid_1"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("a deleted rule: %v", err)
	}
	if got, err := s.IdentifierRule(t.Context(), "alid_1"); err != nil || cmp.Diff(rule("alid_1", "a@evil.example", auth.AllowList), got) != "" {
		t.Errorf("another rule: %+v, %v", got, err)
	}
}

// testReverification: one for a session, begun and continued under its version.
func testReverification(t *testing.T, s Store) {
	client, user := newClient(1), newUser(1)
	mustCommit(t, s, auth.Change{Clients: []auth.Client{client}, Users: []auth.User{user}, Sessions: []auth.Session{newSession(1, client.ID, user.ID)}})
	r := auth.Reverification{
		Session: "sess_1", Level: auth.LevelMultiFactor,
		FirstFactor:  auth.Verification{Strategy: auth.StrategyPassword, Status: auth.VerificationVerified, VerifiedAt: at(2)},
		SecondFactor: auth.Verification{Strategy: auth.StrategyTOTP, Status: auth.VerificationUnverified, Attempts: 2, CodeHash: hashOf(3)},
		AbandonAt:    at(100), CreatedAt: at(1), UpdatedAt: at(2),
	}
	begin := auth.Change{Reverifications: []auth.Reverification{r}}
	mustCommit(t, s, begin)
	if err := s.Commit(t.Context(), begin); !errors.Is(err, auth.ErrConflict) {
		t.Errorf("begun twice: %v", err)
	}
	got, err := s.Reverification(t.Context(), "sess_1")
	r.Version = 1
	if diff := cmp.Diff(r, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	got.Level, got.CreatedAt = auth.LevelFirstFactor, at(7)
	mustCommit(t, s, auth.Change{Reverifications: []auth.Reverification{got}})
	again, err := s.Reverification(t.Context(), "sess_1")
	if err != nil || again.Level != auth.LevelFirstFactor || again.Version != 2 {
		t.Errorf("%+v, %v", again, err)
	}
}
