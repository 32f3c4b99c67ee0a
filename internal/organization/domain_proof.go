package organization

import (
	"context"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// PrepareAffiliation mails a code to an address in the domain: whoever reads it
// there shows that the organization has to do with the domain.
func (s *Domains) PrepareAffiliation(ctx context.Context, by Actor, org auth.OrganizationID, id auth.OrgDomainID, address string) (auth.OwnedDomain, error) {
	const param = "affiliation_email_address"
	address, err := auth.NormalizeEmail(address, param)
	if err != nil {
		return auth.OwnedDomain{}, err
	}
	return s.onDomain(ctx, by, org, id, func(d auth.OrgDomain, now time.Time) (auth.OrgDomain, auth.Change, error) {
		if d.Verified() {
			return d, auth.Change{}, auth.Refuse(auth.CodeVerificationAlreadyVerified)
		}
		if auth.DomainOf(address) != d.Name {
			return d, auth.Change{}, auth.RefuseParam(auth.CodeOrgDomainMismatch, param)
		}
		if d.AffiliationAddress == address {
			if send, err := d.Affiliation.Reprepare(auth.StrategyEmailCode, "", now); err != nil || !send {
				return d, auth.Change{}, err
			}
		}
		for _, key := range []string{"email\x00" + address, "org-domain\x00" + string(org)} {
			if wait, ok := s.Codes.Take(key); !ok {
				return d, auth.Change{}, &auth.Error{Code: auth.CodeTooManyRequests, Retry: wait}
			}
		}
		code, notice, err := s.affiliationCode(address, now)
		if err != nil {
			return d, auth.Change{}, err
		}
		messages, err := s.mail(ctx, notice, now)
		if err != nil {
			return d, auth.Change{}, err
		}
		d.AffiliationAddress, d.UpdatedAt = address, now
		d.Affiliation = auth.NewCodeVerification(auth.StrategyEmailCode, "", auth.HashCode(s.Pepper, string(d.ID), code), now)
		return d, auth.Change{Messages: messages}, nil
	})
}

func (s *Domains) affiliationCode(address string, now time.Time) (code string, n auth.Notice, err error) {
	if s.Settings().TestCodes && auth.TestAddress(address) {
		return auth.TestCode, auth.Notice{At: now}, nil
	}
	code, err = auth.NewCode(s.Entropy)
	return code, auth.Notice{Kind: auth.NoticeVerifyCode, To: address, Code: code, At: now}, err
}

// AttemptAffiliation submits the code. Whatever comes of it is stored before it
// is told.
func (s *Domains) AttemptAffiliation(ctx context.Context, by Actor, org auth.OrganizationID, id auth.OrgDomainID, code string) (auth.OwnedDomain, error) {
	if code == "" {
		return auth.OwnedDomain{}, auth.RefuseParam(auth.CodeParamMissing, "code")
	}
	var refused error
	out, err := s.onDomain(ctx, by, org, id, func(d auth.OrgDomain, now time.Time) (auth.OrgDomain, auth.Change, error) {
		hash := auth.HashCode(s.Pepper, string(d.ID), code)
		if d.Affiliation, refused = d.Affiliation.AttemptCode(hash, now); refused == nil {
			d = d.Verify(auth.StrategyEmailCode, now)
		}
		return d, auth.Change{}, nil
	})
	if err == nil {
		err = refused
	}
	return out, err
}
