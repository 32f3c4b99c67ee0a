package user

import (
	"context"
	"fmt"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// primaryAddress is the address that names a user, or empty.
func primaryAddress(u auth.User) string {
	e, _ := u.Email(u.PrimaryEmail)
	return e.Address
}

// told is a change that tells a former primary address where that is wanted.
func (a *Admin) told(ctx context.Context, wanted bool, former string, u auth.User, now time.Time) (change auth.Change, err error) {
	if wanted {
		change.Messages, err = a.tellFormer(ctx, former, u, now)
	}
	return change, err
}

// tellFormer is the mail to an address that named the user until now: whoever
// reads it and did not want that learns of it. There is none when the same
// address still does, or none did.
func (a *Admin) tellFormer(ctx context.Context, former string, u auth.User, now time.Time) ([]auth.Message, error) {
	if former == "" || former == primaryAddress(u) || (a.Settings().TestCodes && auth.TestAddress(former)) {
		return nil, nil
	}
	message, err := a.Mail.Compose(ctx, auth.Notice{Kind: auth.NoticePrimaryChanged, To: former, At: now, Language: u.Locale}, now)
	if err != nil {
		return nil, fmt.Errorf("compose notice: %w", err)
	}
	return []auth.Message{message}, nil
}
