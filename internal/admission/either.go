package admission

import (
	"context"
	"errors"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// Invitations say what a ticket of one kind of invitation stands for; see
// [Service.Invitee] and [Service.Accept].
type Invitations interface {
	Invitee(ctx context.Context, hash [32]byte) (auth.Invitee, error)
	Accept(ctx context.Context, id auth.InvitationID, user auth.User) (auth.Change, error)
}

// Either are the invitations to the application and those to organizations
// behind one door: signing in and up treat a ticket alike.
type Either struct {
	Application   Invitations
	Organizations Invitations
}

// Invitee implements [Invitations].
func (e Either) Invitee(ctx context.Context, hash [32]byte) (auth.Invitee, error) {
	found, err := e.Application.Invitee(ctx, hash)
	if errors.Is(err, auth.Refuse(auth.CodeTicketInvalid)) && found.ID == "" {
		return e.Organizations.Invitee(ctx, hash)
	}
	return found, err
}

// Accept implements [Invitations].
func (e Either) Accept(ctx context.Context, id auth.InvitationID, user auth.User) (auth.Change, error) {
	if strings.HasPrefix(string(id), "inv_") {
		return e.Application.Accept(ctx, id, user)
	}
	return e.Organizations.Accept(ctx, id, user)
}
