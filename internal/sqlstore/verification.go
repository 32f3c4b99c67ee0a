package sqlstore

import (
	"encoding/json"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// verificationColumns are the columns of one verification, in the order that
// [scanVerification] reads and [verificationArgs] writes.
var verificationColumns = []string{"strategy", "status", "attempts", "expire_at", "verified_at", "about", "code_hash", "detail"}

// columns writes verificationColumns with this in front of each.
func columns(prefix string) string {
	return prefix + strings.Join(verificationColumns, ", "+prefix)
}

func scanVerification(r *row) auth.Verification {
	return auth.Verification{
		Strategy:   auth.Strategy(r.text()),
		Status:     auth.VerificationStatus(r.text()),
		Attempts:   int(r.int()),
		ExpireAt:   r.instant(),
		VerifiedAt: r.instant(),
		About:      auth.IdentificationID(r.text()),
		CodeHash:   r.hash(),

		VerificationDetail: scanDetail(r),
	}
}

// scanDetail reads what [detail] wrote. Only this package writes it, and a
// document of a newer version has members that do not matter here.
func scanDetail(r *row) (d auth.VerificationDetail) {
	if text := r.text(); text != "" {
		_ = json.Unmarshal([]byte(text), &d)
	}
	return d
}

// detail writes nothing for the many proofs that have none.
func detail(d auth.VerificationDetail) string {
	if d == (auth.VerificationDetail{}) {
		return ""
	}
	text, _ := json.Marshal(d) // texts only: it cannot fail
	return string(text)
}

func verificationArgs(v *auth.Verification) []any {
	return []any{
		string(v.Strategy), string(v.Status), v.Attempts, ms(v.ExpireAt), ms(v.VerifiedAt), string(v.About),
		hashBytes(v.CodeHash), detail(v.VerificationDetail),
	}
}
