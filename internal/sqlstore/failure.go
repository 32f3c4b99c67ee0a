package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/perennialauth/perennial/internal/auth"
)

// failure turns what a connection reported into what callers may see: a
// sentinel of package auth, a context error, or [auth.ErrUnavailable] with the
// operation and SQLite's own name of the trouble. Arguments never appear.
func failure(ctx context.Context, op string, err error) error {
	if err == nil || expected(err) {
		return err
	}
	if errors.Is(err, sqlite3.INTERRUPT) && ctx.Err() != nil {
		return ctx.Err()
	}
	if exists := taken(err); exists != nil {
		return exists
	}
	if errors.Is(err, sqlite3.CONSTRAINT_FOREIGNKEY) { // what the record belongs to is gone
		return auth.ErrConflict
	}
	return fmt.Errorf("%s: %s: %w", op, reason(err), auth.ErrUnavailable)
}

func expected(err error) bool {
	return errors.Is(err, auth.ErrNotFound) || errors.Is(err, auth.ErrConflict) ||
		errors.Is(err, auth.ErrExists) || errors.Is(err, auth.ErrUnavailable) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// taken names the unique thing that a constraint protected, or returns nil.
func taken(err error) error {
	var code sqlite3.ExtendedErrorCode
	if !errors.As(err, &code) {
		return nil
	}
	switch code {
	case sqlite3.CONSTRAINT_PRIMARYKEY, sqlite3.CONSTRAINT_UNIQUE, sqlite3.CONSTRAINT_ROWID:
	default:
		return nil
	}
	for column, what := range map[string]string{
		"emails.address": "email_address",
		"phones.number":  "phone_number",

		"passkeys.credential_id":    "passkey",
		"external_accounts.subject": "external_account",

		"jwt_templates.name":             "template",
		"waitlist_entries.email_address": "waitlist_entry",
		"identifier_rules.list":          "identifier",
		"users.username":                 "username",
		"users.external_id":              "external_id",

		"organizations.slug":            "slug",
		"org_roles.key":                 "key",
		"org_permissions.key":           "key",
		"org_role_sets.key":             "key",
		"org_memberships.user_id":       "membership",
		"org_invitations.email_address": "invitation",
		"org_domains.name":              "domain",
		"org_suggestions.user_id":       "suggestion",
	} {
		if strings.HasSuffix(err.Error(), column) {
			return &auth.ExistsError{What: what}
		}
	}
	return &auth.ExistsError{What: "id"}
}

// reason is SQLite's fixed name of an error, with the number to look up.
func reason(err error) string {
	var code sqlite3.ExtendedErrorCode
	if !errors.As(err, &code) {
		return err.Error()
	}
	return fmt.Sprintf("%s (%d)", strings.TrimPrefix(code.Error(), "sqlite3: "), uint16(code))
}
