package organization

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// lookupLimit bounds one question to the DNS.
const lookupLimit = 5 * time.Second

// LookupTXT asks the DNS that this machine is configured with.
func LookupTXT(ctx context.Context, name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	texts, err := net.DefaultResolver.LookupTXT(ctx, name)
	var failed *net.DNSError
	if errors.As(err, &failed) && failed.IsNotFound {
		return nil, nil
	}
	return texts, err
}

// PrepareOwnership makes a fresh value that proves the domain once it stands in
// the DNS.
func (s *Domains) PrepareOwnership(ctx context.Context, by Actor, org auth.OrganizationID, id auth.OrgDomainID) (auth.OwnedDomain, error) {
	return s.onDomain(ctx, by, org, id, func(d auth.OrgDomain, now time.Time) (auth.OrgDomain, auth.Change, error) {
		if d.Verified() {
			return d, auth.Change{}, auth.Refuse(auth.CodeVerificationAlreadyVerified)
		}
		value, err := auth.NewOwnershipValue(s.Entropy)
		d.OwnershipValue, d.OwnershipExpireAt, d.UpdatedAt = value, now.Add(auth.OwnershipLifetime), now
		return d, auth.Change{}, err
	})
}

// AttemptOwnership looks for the value in the DNS. A domain that is proven by it
// stays so.
func (s *Domains) AttemptOwnership(ctx context.Context, by Actor, org auth.OrganizationID, id auth.OrgDomainID) (auth.OwnedDomain, error) {
	if _, err := s.enterDomains(ctx, by, org, auth.OrgChangeDomains); err != nil {
		return auth.OwnedDomain{}, err
	}
	before, err := s.of(ctx, org, id)
	if err != nil {
		return auth.OwnedDomain{}, err
	}
	status, begun := before.OwnershipStatus(s.Now())
	switch {
	case before.Verified():
		return s.described(ctx, before, nil)
	case !begun:
		return auth.OwnedDomain{}, auth.Refuse(auth.CodeVerificationMissing)
	case status == auth.VerificationExpired:
		return auth.OwnedDomain{}, auth.Refuse(auth.CodeVerificationExpired)
	}
	if wait, ok := s.Codes.Take("org-domain\x00" + string(org)); !ok {
		return auth.OwnedDomain{}, &auth.Error{Code: auth.CodeTooManyRequests, Retry: wait}
	}
	// Outside any commit: the DNS may take its time.
	texts, err := s.LookupTXT(ctx, before.RecordName())
	if err != nil {
		return auth.OwnedDomain{}, fmt.Errorf("ask the DNS for %s: %v: %w", before.RecordName(), err, auth.ErrUnavailable)
	}
	return s.onDomain(ctx, by, org, id, func(d auth.OrgDomain, now time.Time) (auth.OrgDomain, auth.Change, error) {
		if d.OwnershipValue == "" || !slices.Contains(texts, d.OwnershipValue) {
			return d, auth.Change{}, auth.Refuse(auth.CodeOrgDomainRecordMissing)
		}
		return d.Verify(auth.StrategyTXT, now), auth.Change{}, nil
	})
}
