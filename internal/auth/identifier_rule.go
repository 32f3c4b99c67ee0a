package auth

import (
	"slices"
	"strings"
	"time"
)

// IdentifierRule is a row of the allow or the block list: an address, a number,
// or a pattern of them.
type IdentifierRule struct {
	ID         IdentifierRuleID
	List       RuleList
	Identifier string // normalised, see [NormalizeRule]; unique on its list
	Kind       string // email_address, phone_number, or either with wildcard, by its published name
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// RuleList is one of the two lists.
type RuleList string

// Lists.
const (
	AllowList RuleList = "allow"
	BlockList RuleList = "block"
)

// NormalizeRule returns the identifier of a rule and its kind: an address, a
// number, every address of a domain as "*@example.com", or every number that
// begins alike as "+49*". Errors have code [CodeParamFormatInvalid].
func NormalizeRule(s, param string) (identifier, kind string, err error) {
	s = strings.ToLower(strings.TrimSpace(s))
	bad := RefuseParam(CodeParamFormatInvalid, param)
	switch {
	case strings.HasPrefix(s, "*@"), strings.HasPrefix(s, "@"):
		domain := strings.TrimLeft(s, "*@")
		if !validDomain(domain) || len(domain) > maxEmailBytes {
			return "", "", bad
		}
		return "*@" + domain, "email_address", nil
	case strings.HasPrefix(s, "+") && strings.HasSuffix(s, "*"):
		prefix := strings.TrimSuffix(s[1:], "*")
		if prefix == "" || len(prefix) > maxPhoneDigits || strings.Trim(prefix, "0123456789") != "" {
			return "", "", bad
		}
		return "+" + prefix + "*", "phone_number", nil
	case strings.HasPrefix(s, "+"):
		identifier, err = NormalizePhone(s, param)
		return identifier, "phone_number", err
	case strings.Contains(s, "*"): // a pattern that nothing would match as meant
		return "", "", bad
	default:
		identifier, err = NormalizeEmail(s, param)
		return identifier, "email_address", err
	}
}

// RuleCandidates are the identifiers of all rules that could match a normalised
// address or number: few, so that a list of any length is looked up by them.
func RuleCandidates(identifier string) []string {
	out := []string{identifier}
	if _, domain, ok := strings.Cut(identifier, "@"); ok {
		return append(out, "*@"+domain)
	}
	for end := 2; strings.HasPrefix(identifier, "+") && end <= len(identifier); end++ {
		out = append(out, identifier[:end]+"*")
	}
	return out
}

// Admit says whether a normalised address or number may be used, given which
// lists have a rule that matches it. Being on the allow list outweighs the
// block list. The error has code [CodeNotAllowedAccess] and names it.
func (r Restrictions) Admit(identifier string, matching []RuleList) error {
	refused := &Error{Code: CodeNotAllowedAccess, Meta: map[string]any{"identifiers": []string{identifier}}}
	allowed := r.AllowList && slices.Contains(matching, AllowList)
	switch {
	case allowed:
		return nil
	case r.AllowList, r.BlockList && slices.Contains(matching, BlockList):
		return refused
	}
	local, domain, isEmail := strings.Cut(identifier, "@")
	if isEmail && r.BlockEmailSubaddresses && strings.ContainsAny(local, "+=#") {
		return refused
	}
	if isEmail && r.BlockDisposableDomains && disposable(domain) {
		return refused
	}
	return nil
}
