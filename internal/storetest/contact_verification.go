package storetest

import (
	"errors"
	"testing"

	"github.com/perennialauth/perennial/internal/auth"
)

// newContactVerification is a proof with every member set.
func newContactVerification(id auth.ContactVerificationID, user auth.UserID) auth.ContactVerification {
	return auth.ContactVerification{
		ID: id, User: user, CreatedAt: at(0), UpdatedAt: at(2),
		Proof: auth.Verification{
			Strategy: auth.StrategyPhoneCode, Status: auth.VerificationUnverified, Attempts: 2, ExpireAt: at(600), VerifiedAt: at(3),
			About: "idn_1", CodeHash: hashOf(4), VerificationDetail: auth.VerificationDetail{Channel: "sms"},
		},
	}
}

func testContactVerification(t *testing.T, s Store) {
	u, other := newUser(1), newUser(2)
	v := newContactVerification("ver_1", u.ID)
	begin := auth.Change{Users: []auth.User{u, other}, ContactVerifications: []auth.ContactVerification{v}}
	mustCommit(t, s, begin)
	v.Version = 1
	changed := auth.ContactVerification{
		ID: v.ID, Version: 1, User: other.ID, CreatedAt: at(9), UpdatedAt: at(7),
		Proof: auth.Verification{Strategy: auth.StrategyPhoneCode, Status: auth.VerificationVerified, ExpireAt: at(601), CodeHash: hashOf(5)},
	}
	want := changed
	want.Version, want.User, want.CreatedAt = 2, v.User, v.CreatedAt
	read := func() (auth.ContactVerification, error) { return s.ContactVerification(t.Context(), v.ID) }
	readBack(t, v, read)
	mustCommit(t, s, auth.Change{ContactVerifications: []auth.ContactVerification{changed}})
	readBack(t, want, read)
	sweepAway(t, s, want.Proof.ExpireAt, func() error { _, err := read(); return err })

	mustCommit(t, s, auth.Change{ContactVerifications: []auth.ContactVerification{newContactVerification("ver_2", u.ID)}})
	u.Version = 1
	mustCommit(t, s, auth.Change{DeletedUsers: []auth.User{u}})
	if _, err := s.ContactVerification(t.Context(), "ver_2"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("the proof of a deleted user: %v", err)
	}
}

func testRaceContactVerification(t *testing.T, s Store) {
	u := newUser(1)
	v := newContactVerification("ver_1", u.ID)
	mustCommit(t, s, auth.Change{Users: []auth.User{u}, ContactVerifications: []auth.ContactVerification{v}})
	v.Version = 1
	race(t, auth.ErrConflict, func(int) error {
		mine := v
		mine.Proof.Status = auth.VerificationVerified
		return s.Commit(t.Context(), auth.Change{ContactVerifications: []auth.ContactVerification{mine}})
	})
}
