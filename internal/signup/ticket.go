package signup

import (
	"context"
	"errors"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// Invitations say what the ticket of an invitation stands for. Invitee refuses
// with [auth.CodeTicketInvalid], [auth.CodeTicketExpired] or
// [auth.CodeTicketConsumed]; Accept returns what is to be committed together
// with the user.
type Invitations interface {
	Invitee(ctx context.Context, hash [32]byte) (auth.Invitee, error)
	Accept(ctx context.Context, id auth.InvitationID, user auth.User) (auth.Change, error)
}

// TicketReader recognises tickets without asking any store.
type TicketReader interface {
	Owner(text string) (owner string, hash [32]byte, err error)
}

// admit refuses a sign-up that the instance's mode does not allow. A ticket
// does, whatever the mode is.
func (a *Attempts) admit(f Fields) error {
	if f.Ticket != "" {
		return nil
	}
	switch a.Settings().SignUpMode {
	case auth.SignUpPublic:
		return nil
	case auth.SignUpWaitlist:
		return auth.Refuse(auth.CodeSignUpWaitlist)
	default:
		return auth.Refuse(auth.CodeSignUpForbidden)
	}
}

// invite sets what the ticket of an invitation proves: it went to this address.
func (a *Attempts) invite(ctx context.Context, attempt *auth.SignUp, ticket string) error {
	if ticket == "" {
		return nil
	}
	_, hash, err := a.Tickets.Owner(ticket)
	if err != nil {
		return auth.RefuseParam(auth.CodeTicketInvalid, "ticket") //nolint:nilerr // not ours is an answer
	}
	invitee, err := a.Invitations.Invitee(ctx, hash)
	if err != nil {
		return err
	}
	switch _, err := a.Store.UserByEmail(ctx, invitee.EmailAddress); {
	case err == nil:
		// Whoever holds the ticket reads the mail of this address: there is
		// nothing to protect from them.
		return auth.RefuseParam(auth.CodeIdentifierExists, "email_address")
	case !errors.Is(err, auth.ErrNotFound):
		return fmt.Errorf("look for the invited address: %w", err)
	}
	attempt.Invitation, attempt.EmailAddress = invitee.ID, invitee.EmailAddress
	attempt.Email = auth.Verification{
		Strategy: auth.StrategyTicket, Status: auth.VerificationVerified, Attempts: 1, VerifiedAt: a.Now(), CodeHash: hash,
	}
	return nil
}

// accept is the change that uses the invitation of the attempt up, and sets on
// the user what it brings. One that was revoked meanwhile is worth nothing.
func (a *Attempts) accept(ctx context.Context, attempt auth.SignUp, user *auth.User) (auth.Change, error) {
	if attempt.Invitation == "" {
		return auth.Change{}, nil
	}
	invitee, err := a.Invitations.Invitee(ctx, attempt.Email.CodeHash)
	if err != nil {
		return auth.Change{}, err
	}
	if invitee.PublicMeta != nil {
		user.PublicMeta = invitee.PublicMeta
	}
	return a.Invitations.Accept(ctx, attempt.Invitation, *user)
}

// transfer sets what a sign-in on the same client proved for somebody who has
// no account: its address or number, or an account elsewhere.
func (a *Attempts) transfer(ctx context.Context, agg auth.ClientAggregate, attempt *auth.SignUp) error {
	s, now := agg.SignIn, a.Now()
	if s == nil || s.FirstFactor.Status != auth.VerificationTransferable || s.Status(now) == auth.SignInAbandoned ||
		now.Sub(s.FirstFactor.VerifiedAt) > auth.TransferLifetime {
		return auth.RefuseParam(auth.CodeParamInvalid, "transfer")
	}
	if i, ok := auth.DecodeIdentity(s.ExternalAccount); ok {
		attempt.External = auth.Verification{Strategy: s.FirstFactor.Strategy, ExpireAt: s.FirstFactor.ExpireAt}
		return a.external(ctx, attempt, i)
	}
	proof := s.FirstFactor
	proof.Status, proof.CodeHash = auth.VerificationVerified, [32]byte{}
	if s.FirstFactor.Strategy == auth.StrategyPhoneCode {
		attempt.PhoneNumber, attempt.Phone = s.Identifier, proof
	} else {
		attempt.EmailAddress, attempt.Email = s.Identifier, proof
	}
	return nil
}
