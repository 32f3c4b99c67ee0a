package sqlstore

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

const ruleColumns = `r.id, r.list, r.identifier, r.kind, r.created_at, r.updated_at`

var (
	insertRule = fixed(`INSERT INTO identifier_rules (id, list, identifier, kind, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6)`)
	deleteRule = fixed(`DELETE FROM identifier_rules WHERE id = $1`)
	ruleByID   = fixed(`SELECT ` + ruleColumns + ` FROM identifier_rules r WHERE r.id = $1`)
	rulesText  = fixed(`SELECT ` + ruleColumns + ` FROM identifier_rules r WHERE r.list = $1
		ORDER BY r.created_at DESC, r.id DESC LIMIT $2 OFFSET $3`)
	countRules = fixed(`SELECT count(*) FROM identifier_rules r WHERE r.list = $1`)
)

// IdentifierRule returns the rule with this id.
func (s *Store) IdentifierRule(ctx context.Context, id auth.IdentifierRuleID) (out auth.IdentifierRule, _ error) {
	err := s.read(ctx, "identifier rule", func(c *conn) error {
		return found(c.one(ruleByID, func(r *row) { out = scanRule(r) }, string(id)))
	})
	return out, err
}

// IdentifierRules returns one page of a list, newest first, and how many rules
// it has.
func (s *Store) IdentifierRules(
	ctx context.Context, list auth.RuleList, limit, offset int,
) (out []auth.IdentifierRule, total int, _ error) {
	err := s.read(ctx, "identifier rules", func(c *conn) error {
		if _, err := c.one(countRules, func(r *row) { total = int(r.int()) }, string(list)); err != nil {
			return err
		}
		return c.each(rulesText, []any{string(list), min(max(limit, 1), pageLimit), max(offset, 0)}, func(r *row) {
			out = append(out, scanRule(r))
		})
	})
	if err != nil {
		return nil, 0, err
	}
	return out, total, nil
}

// MatchingLists returns the lists that have a rule with one of these
// identifiers.
func (s *Store) MatchingLists(ctx context.Context, identifiers []string) (out []auth.RuleList, _ error) {
	text, args := matchingText(identifiers)
	err := s.read(ctx, "matching rules", func(c *conn) error {
		return c.dynamic(text, args, func(r *row) { out = append(out, auth.RuleList(r.text())) })
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func matchingText(identifiers []string) (string, []any) {
	f := &filter{}
	f.where("r.identifier " + in(f, identifiers))
	return `SELECT r.list FROM identifier_rules r` + f.clause(), f.args
}

func scanRule(r *row) auth.IdentifierRule {
	return auth.IdentifierRule{
		ID:         auth.IdentifierRuleID(r.text()),
		List:       auth.RuleList(r.text()),
		Identifier: r.text(),
		Kind:       r.text(),
		CreatedAt:  r.instant(),
		UpdatedAt:  r.instant(),
	}
}

func (c *conn) insertRule(x *auth.IdentifierRule) error {
	_, err := c.exec(insertRule, string(x.ID), string(x.List), x.Identifier, x.Kind, ms(x.CreatedAt), ms(x.UpdatedAt))
	return err
}

func (c *conn) deleteRule(id *auth.IdentifierRuleID) error {
	_, err := c.exec(deleteRule, string(*id))
	return err
}

// applyAdmission writes who may sign up.
func (c *conn) applyAdmission(ch auth.AdmissionChange) error {
	return firstError(
		func() error { return eachOf(ch.Invitations, c.putInvitation) },
		func() error { return eachOf(ch.DeletedInvitations, c.deleteInvitation) },
		func() error { return eachOf(ch.Waitlist, c.putWaitlistEntry) },
		func() error { return eachOf(ch.DeletedWaitlist, c.deleteWaitlistEntry) },
		func() error { return eachOf(ch.Identifiers, c.insertRule) },
		func() error { return eachOf(ch.DeletedRules, c.deleteRule) },
	)
}
