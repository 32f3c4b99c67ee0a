package sim

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // as authenticator apps do
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/factor"
	"github.com/perennialauth/perennial/internal/password"
	"github.com/perennialauth/perennial/internal/sqlstore"
	"github.com/perennialauth/perennial/internal/token"
	"github.com/perennialauth/perennial/internal/user"
)

// populate makes the database that servers start from: an account for each
// person, and for the careful ones an authenticator.
func (h *Whole) populate(path string) error {
	ctx := context.Background()
	store, err := sqlstore.Open(ctx, path)
	if err != nil {
		return err
	}
	if h.keys, err = token.LoadKeys(ctx, store, h.master, time.Now); err != nil {
		return err
	}
	s := &whole{house: h, store: store, entropy: &stream{about: askServer, n: 1 << 30}, now: StartWall}
	for n := range maxDevices {
		if _, err := s.account(ctx, person(n, 0)); err != nil {
			return err
		}
		if err := s.carefulAccount(ctx, person(n, careful)); err != nil {
			return err
		}
	}
	return store.Close()
}

func (s *whole) account(ctx context.Context, address string) (auth.User, error) {
	made, err := s.people().Create(ctx, user.CreateUser{
		EmailAddresses: []string{address}, Password: user.NewPassword{Plain: Password},
	})
	if err != nil {
		return auth.User{}, fmt.Errorf("create %s: %w", address, err)
	}
	return made.User, nil
}

// carefulAccount makes an account with a second factor.
func (s *whole) carefulAccount(ctx context.Context, address string) error {
	made, err := s.account(ctx, address)
	if err != nil {
		return err
	}
	made, err = s.store.User(ctx, made.ID)
	if err != nil {
		return err
	}
	text, sealed, err := factor.NewAuthenticators(s.house.master, s.entropy).New(made.ID)
	if err != nil {
		return err
	}
	if s.house.seconds[address], err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text); err != nil {
		return err
	}
	now := s.clock()
	made.TOTP = auth.TOTP{Sealed: sealed, Verified: true, CreatedAt: now, UpdatedAt: now}
	if made.TOTP.ID, err = auth.NewTOTPID(now, s.entropy); err != nil {
		return err
	}
	return s.store.Commit(ctx, auth.Change{Users: []auth.User{made}})
}

func (s *whole) people() *user.Admin {
	return &user.Admin{
		Store: s.store, Passwords: s.house.passwords, ParseDigest: password.ParseDigest, Now: s.clock, Entropy: s.entropy,
		Pepper: s.house.master.Derive("code-pepper", 32), Settings: s.house.settings,
		Authenticators: factor.NewAuthenticators(s.house.master, s.entropy),
	}
}

// SecondFactor implements [Server]: what the person's app shows now (RFC 6238).
func (s *whole) SecondFactor(person string) string {
	mac := hmac.New(sha1.New, s.house.seconds[person])
	_ = binary.Write(mac, binary.BigEndian, s.clock().Unix()/30)
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}
