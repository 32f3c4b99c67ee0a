package auth

import (
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// OrgDomain is a domain of an organization. Once it is proven, people with an
// address in it can find the organization, see [EnrollmentMode].
type OrgDomain struct {
	ID                 OrgDomainID
	Version            int64 // compare-and-swap guard; zero means not stored yet
	Organization       OrganizationID
	Name               string // in lower case; unique among proven ones
	Enrollment         EnrollmentMode
	AffiliationAddress string       // the code went to it, or empty
	Affiliation        Verification // that somebody of the organization has an address in it
	OwnershipValue     string       // what has to stand in the DNS, see [OrgDomain.RecordName]; or empty
	OwnershipExpireAt  time.Time    // when that is no proof any more
	VerifiedAt         time.Time    // zero until proven, by whichever way
	VerifiedBy         Strategy     // email_code, txt or admin, empty until proven
	CreatedAt          time.Time
	UpdatedAt          time.Time
}

// Verified says whether the domain is proven.
func (d OrgDomain) Verified() bool { return !d.VerifiedAt.IsZero() }

// OwnedDomain is a domain with what is published beside it.
type OwnedDomain struct {
	OrgDomain
	Owner              Organization
	PendingInvitations int
	PendingSuggestions int
}

// StrategyTXT is the proof of a domain by a record of the DNS.
const StrategyTXT Strategy = "txt"

// EnrollmentMode is what a domain does for people with an address in it.
type EnrollmentMode string

// Enrollment modes by their published names.
const (
	EnrollManual     EnrollmentMode = "manual_invitation"    // nothing
	EnrollInvite     EnrollmentMode = "automatic_invitation" // they are invited
	EnrollSuggest    EnrollmentMode = "automatic_suggestion" // they may ask to join
	EnrollEnterprise EnrollmentMode = "enterprise_sso"       // not offered here
)

// MaxOrgDomains bounds the domains of one organization.
const MaxOrgDomains = 20

// OrgSuggestion tells a user about an organization that may be theirs. Once the
// user asks to join it is a membership request to the organization.
type OrgSuggestion struct {
	ID           OrgSuggestionID
	Version      int64 // compare-and-swap guard; zero means not stored yet
	Organization OrganizationID
	Domain       OrgDomainID
	User         UserID
	Status       SuggestionStatus
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// SuggestionStatus is the state of a suggestion.
type SuggestionStatus string

// Suggestion statuses: those with a published name, and rejected.
const (
	SuggestionPending   SuggestionStatus = "pending"   // nobody has done anything
	SuggestionAccepted  SuggestionStatus = "accepted"  // the user asks to join
	SuggestionCompleted SuggestionStatus = "completed" // the user has joined
	SuggestionRejected  SuggestionStatus = "rejected"  // the organization said no
)

// RequestStatus is the status of the suggestion as a membership request, by its
// published name; empty while it is none.
func (s SuggestionStatus) RequestStatus() string {
	return map[SuggestionStatus]string{
		SuggestionAccepted: "pending", SuggestionCompleted: "accepted", SuggestionRejected: "rejected",
	}[s]
}

// SuggestionStatusOfRequest is the inverse of [SuggestionStatus.RequestStatus];
// empty for what is no such status.
func SuggestionStatusOfRequest(status string) SuggestionStatus {
	return map[string]SuggestionStatus{
		"pending": SuggestionAccepted, "accepted": SuggestionCompleted, "rejected": SuggestionRejected,
	}[status]
}

// Suggested is a suggestion with what is published beside it.
type Suggested struct {
	OrgSuggestion
	Organization Organization
	User         User
}

// sharedMailDomains are domains in which addresses are given to anybody: having
// one there says nothing about where somebody belongs.
var sharedMailDomains = []string{
	"aol.com", "fastmail.com", "gmail.com", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hey.com", "hotmail.com",
	"icloud.com", "live.com", "mac.com", "mail.com", "mail.ru", "me.com", "msn.com", "naver.com", "outlook.com",
	"proton.me", "protonmail.com", "qq.com", "t-online.de", "tutanota.com", "web.de", "yahoo.com", "yandex.com",
	"yandex.ru", "ymail.com", "zoho.com", "163.com", "126.com",
}

// NormalizeDomain returns a domain name as it is stored and compared. Names
// that are none are refused with [CodeParamFormatInvalid], those in which
// anybody can have an address with [CodeOrgDomainCommon].
func NormalizeDomain(name, param string) (string, error) {
	name = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
	if len(name) > 253 || !validDomain(name) {
		return "", RefuseParam(CodeParamFormatInvalid, param)
	}
	if slices.Contains(sharedMailDomains, name) {
		return "", RefuseParam(CodeOrgDomainCommon, param)
	}
	return name, nil
}

// DomainOf is the domain of a normalised address.
func DomainOf(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}

// HasProven says whether the user has proven the address.
func (u User) HasProven(address string) bool {
	return slices.ContainsFunc(u.Emails, func(e EmailAddress) bool { return e.Verified() && e.Address == address })
}

// Verify marks the domain as proven by a strategy at now.
func (d OrgDomain) Verify(by Strategy, now time.Time) OrgDomain {
	if !d.Verified() {
		d.VerifiedAt, d.VerifiedBy, d.UpdatedAt = now, by, now
	}
	return d
}

// OwnershipLifetime is how long a value for the DNS stays good: changes there
// take days to be made and seen.
const OwnershipLifetime = 7 * 24 * time.Hour

// RecordName is where the DNS has to have the value that proves the domain.
func (d OrgDomain) RecordName() string { return "_perennial." + d.Name }

// OwnershipStatus is how far the proof by the DNS is at now; false when nobody
// has begun one.
func (d OrgDomain) OwnershipStatus(now time.Time) (VerificationStatus, bool) {
	switch {
	case d.Verified() && d.VerifiedBy == StrategyTXT:
		return VerificationVerified, true
	case d.OwnershipValue == "":
		return "", false
	case !now.Before(d.OwnershipExpireAt):
		return VerificationExpired, true
	default:
		return VerificationUnverified, true
	}
}

// NewOwnershipValue returns a fresh value for the DNS. It fails only when
// entropy does.
func NewOwnershipValue(entropy io.Reader) (string, error) {
	var raw [20]byte
	if _, err := io.ReadFull(entropy, raw[:]); err != nil {
		return "", fmt.Errorf("read entropy for domain: %w", err)
	}
	return "perennial-domain-verification=" + hex.EncodeToString(raw[:]), nil
}
