package sqlstore

import (
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// verificationColumns are the columns of one verification, in the order that
// [scanVerification] reads and [verificationArgs] writes.
var verificationColumns = []string{"strategy", "status", "attempts", "expire_at", "verified_at", "about", "code_hash"}

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
		EmailID:    auth.EmailID(r.text()),
		CodeHash:   r.hash(),
	}
}

func verificationArgs(v *auth.Verification) []any {
	return []any{
		string(v.Strategy), string(v.Status), v.Attempts, ms(v.ExpireAt), ms(v.VerifiedAt), string(v.EmailID),
		hashBytes(v.CodeHash),
	}
}
