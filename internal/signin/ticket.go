package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// byTicket signs the user of a sign-in token in. The token's version decides
// who of several gets in; the same client asking again gets the same answer.
func (a *Attempts) byTicket(ctx context.Context, agg auth.ClientAggregate, r Create) (View, error) {
	if r.Ticket == "" {
		return View{}, auth.RefuseParam(auth.CodeParamMissing, "ticket")
	}
	owner, hash, err := a.Tickets.Owner(r.Ticket)
	if err != nil {
		return View{}, auth.RefuseParam(auth.CodeTicketInvalid, "ticket") //nolint:nilerr // not ours is an answer
	}
	var out auth.SignIn
	err = a.again(ctx, &agg, func() error {
		if s := agg.SignIn; s != nil && s.FirstFactor.CodeHash == hash && a.replayed(agg, *s, auth.StrategyTicket) {
			out = *s
			return nil
		}
		if err := agg.MayStart(a.Settings(), a.Now()); err != nil {
			return err
		}
		consume := a.consume
		if !auth.OwnsSignInTicket(owner) {
			consume = a.consumeInvitation
		}
		attempt, change, err := consume(ctx, agg, hash, r.Activity)
		if out = attempt; err != nil {
			return err
		}
		return a.Store.Commit(ctx, change)
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, out)
}

func (a *Attempts) consume(
	ctx context.Context, agg auth.ClientAggregate, hash [32]byte, activity auth.Activity,
) (auth.SignIn, auth.Change, error) {
	refuse := func(c auth.Code) (auth.SignIn, auth.Change, error) {
		return auth.SignIn{}, auth.Change{}, auth.RefuseParam(c, "ticket")
	}
	ticket, err := a.Store.SignInTokenByHash(ctx, hash)
	if errors.Is(err, auth.ErrNotFound) {
		return refuse(auth.CodeTicketInvalid)
	}
	if err != nil {
		return auth.SignIn{}, auth.Change{}, fmt.Errorf("read ticket: %w", err)
	}
	now := a.Now()
	switch ticket.StatusAt(now) {
	case auth.SignInTokenAccepted:
		return refuse(auth.CodeTicketConsumed)
	case auth.SignInTokenExpired:
		return refuse(auth.CodeTicketExpired)
	case auth.SignInTokenRevoked:
		return refuse(auth.CodeTicketInvalid)
	case auth.SignInTokenPending:
	}
	user, err := a.Store.User(ctx, ticket.User)
	if errors.Is(err, auth.ErrNotFound) {
		return refuse(auth.CodeTicketInvalid)
	}
	if err != nil {
		return auth.SignIn{}, auth.Change{}, fmt.Errorf("read user of ticket: %w", err)
	}
	attempt, _, err := a.begin(agg, subject{identifier: user.Identifier(), user: user})
	if err != nil {
		return attempt, auth.Change{}, err
	}
	attempt.FirstFactor = auth.Verification{
		Strategy: auth.StrategyTicket, Status: auth.VerificationVerified, Attempts: 1, VerifiedAt: now, CodeHash: hash,
	}
	var change auth.Change
	switch {
	case ticket.Actor != "":
		attempt, change, err = a.start(attempt, auth.SessionStart{
			Client: agg, User: user, Strategy: auth.StrategyTicket, Activity: activity,
			Actor: ticket.Actor, Lifetime: ticket.SessionLifetime,
		})
	case ticket.FirstFactor:
		attempt, change, err = a.proceed(agg, attempt, user, activity)
	default:
		attempt, change, err = a.completeIn(ctx, agg, attempt, user, ticket.Organization, activity)
	}
	ticket.Status, ticket.UpdatedAt = auth.SignInTokenAccepted, now
	change.SignInTokens = []auth.SignInToken{ticket}
	return attempt, change, err
}

// completeIn is [Attempts.complete] with a session that acts in an organization,
// unless the user left it since.
func (a *Attempts) completeIn(
	ctx context.Context, agg auth.ClientAggregate, attempt auth.SignIn, user auth.User, org auth.OrganizationID, activity auth.Activity,
) (auth.SignIn, auth.Change, error) {
	attempt, change, err := a.complete(agg, attempt, user, activity)
	if err != nil || org == "" || !a.Settings().Organizations.Enabled {
		return attempt, change, err
	}
	switch _, err := a.Store.Belonging(ctx, org, user.ID); {
	case errors.Is(err, auth.ErrNotFound):
		return attempt, change, nil
	case err != nil:
		return attempt, change, fmt.Errorf("read membership of ticket: %w", err)
	}
	beginIn(&change, org, a.Now())
	return attempt, change, nil
}

// beginIn makes the session that a change begins act in an organization.
func beginIn(change *auth.Change, org auth.OrganizationID, now time.Time) {
	s := &change.Sessions[0]
	s.Organization = org
	*s = s.SetTask(auth.TaskChooseOrganization, false, now)
}

// consumeInvitation signs the owner of an invited address in: the ticket proves
// that they read its mail, which is a first factor. A second one is still due
// where they have it. The invitation is accepted with it.
func (a *Attempts) consumeInvitation(
	ctx context.Context, agg auth.ClientAggregate, hash [32]byte, activity auth.Activity,
) (auth.SignIn, auth.Change, error) {
	invitee, err := a.Invitations.Invitee(ctx, hash)
	if err != nil {
		return auth.SignIn{}, auth.Change{}, err
	}
	user, err := a.Store.UserByEmail(ctx, invitee.EmailAddress)
	if errors.Is(err, auth.ErrNotFound) {
		return auth.SignIn{}, auth.Change{}, auth.RefuseParam(auth.CodeInvitationAccountMissing, "ticket")
	}
	if err != nil {
		return auth.SignIn{}, auth.Change{}, fmt.Errorf("read invited user: %w", err)
	}
	accepted, err := a.Invitations.Accept(ctx, invitee.ID, user)
	if err != nil {
		return auth.SignIn{}, auth.Change{}, err
	}
	attempt, _, err := a.begin(agg, subject{identifier: invitee.EmailAddress, user: user})
	if err != nil {
		return attempt, auth.Change{}, err
	}
	attempt.FirstFactor = auth.Verification{
		Strategy: auth.StrategyTicket, Status: auth.VerificationVerified, Attempts: 1, VerifiedAt: a.Now(), CodeHash: hash,
	}
	attempt, change, err := a.proceed(agg, attempt, user, activity)
	if joined := accepted.Organizations.Joined(); joined != "" && len(change.Sessions) > 0 {
		beginIn(&change, joined, a.Now())
	}
	return attempt, change.Merge(accepted), err
}
