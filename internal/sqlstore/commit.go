package sqlstore

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

// Commit makes the whole change durable, or nothing of it: [auth.ErrConflict]
// when a record moved on, [auth.ExistsError] when something unique is taken
// ("id" when a record to insert exists), both as described at [auth.Change]. A
// lockout to insert that exists is a conflict, because its key says nothing but
// that somebody else counted first. A context error means that nothing was
// written; [auth.ErrUnavailable] says nothing about the outcome.
//
// Emails, sign-in tokens and the like of a deleted user go with it. The change
// is not kept.
func (s *Store) Commit(ctx context.Context, ch auth.Change) error {
	return s.write(ctx, "commit", touchedBy(ch), func(c *conn) error { return c.applyChange(ch) })
}

// applyChange writes what others refer to first.
func (c *conn) applyChange(ch auth.Change) error {
	return firstError(
		func() error { return eachOf(ch.Clients, c.putClient) },
		func() error { return eachOf(ch.Users, c.putUser) },
		func() error { return eachOf(ch.DeletedUsers, c.deleteUser) },
		func() error { return eachOf(ch.Sessions, c.putSession) },
		func() error { return eachOf(ch.Tokens, c.insertClientToken) },
		func() error { return eachOf(ch.Lineages, c.putLineage) },
		func() error { return eachOf(ch.SignIns, c.putSignIn) },
		func() error { return eachOf(ch.SignUps, c.putSignUp) },
		func() error { return eachOf(ch.Reverifications, c.putReverification) },
		func() error { return eachOf(ch.SignInTokens, c.putSignInToken) },
		func() error { return eachOf(ch.BrowserFlows, c.putBrowserFlow) },
		func() error { return eachOf(ch.EmailLinks, c.putEmailLink) },
		func() error { return eachOf(ch.ContactVerifications, c.putContactVerification) },
		func() error { return eachOf(ch.OAuthFlows, c.putOAuthFlow) },
		func() error { return eachOf(ch.Lockouts, c.putLockout) },
		func() error { return eachOf(ch.Messages, c.insertMessage) },
		func() error { return eachOf(ch.JWTTemplates, c.putJWTTemplate) },
		func() error { return eachOf(ch.DeletedJWTTemplates, c.deleteJWTTemplate) },
		func() error { return c.applyAdmission(ch.Admission) },
		func() error { return eachOf(ch.Images, c.insertImage) },
		func() error { return eachOf(ch.DeletedImages, c.deleteImage) },
		func() error { return c.applyOrganizations(ch.Organizations) },
		func() error { return c.applyWebhookChange(ch.Webhooks) },
	)
}

func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func eachOf[T any](records []T, put func(*T) error) error {
	for i := range records {
		if err := put(&records[i]); err != nil {
			return err
		}
	}
	return nil
}

// put inserts a record of version zero, or updates it where its version still
// is the stored one. $1 is the id and $2 the version in every update.
func (c *conn) put(version int64, insert, update *query, args ...any) error {
	if version == 0 {
		_, err := c.exec(insert, args...)
		return err
	}
	return c.guarded(update, args...)
}

// guarded runs an update or delete whose row count decides.
func (c *conn) guarded(q *query, args ...any) error {
	changed, err := c.exec(q, args...)
	if err == nil && changed != 1 {
		return auth.ErrConflict
	}
	return err
}
