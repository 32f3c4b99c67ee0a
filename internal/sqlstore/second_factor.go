package sqlstore

import (
	"encoding/json"

	"github.com/perennialauth/perennial/internal/auth"
)

// secondFactorsDoc is what a user has set up besides phone numbers, as stored.
// It is small, read with every user and guarded by the user's version, which
// is what makes a backup code work once.
type secondFactorsDoc struct {
	TOTP        *totpDoc        `json:"totp,omitempty"`
	BackupCodes *backupCodesDoc `json:"backup_codes,omitempty"`
}

type totpDoc struct {
	ID        auth.TOTPID `json:"id"`
	Sealed    []byte      `json:"sealed"`
	Verified  bool        `json:"verified"`
	LastStep  int64       `json:"last_step"`
	CreatedAt int64       `json:"created_at"`
	UpdatedAt int64       `json:"updated_at"`
}

type backupCodesDoc struct {
	ID        auth.BackupCodesID `json:"id"`
	Hashes    [][]byte           `json:"hashes"`
	CreatedAt int64              `json:"created_at"`
	UpdatedAt int64              `json:"updated_at"`
}

// secondFactors is empty for the many users who have none.
func secondFactors(u *auth.User) string {
	var doc secondFactorsDoc
	if t := u.TOTP; t.ID != "" {
		doc.TOTP = &totpDoc{t.ID, t.Sealed, t.Verified, t.LastStep, ms(t.CreatedAt), ms(t.UpdatedAt)}
	}
	if b := u.BackupCodes; b.ID != "" {
		codes := &backupCodesDoc{ID: b.ID, Hashes: [][]byte{}, CreatedAt: ms(b.CreatedAt), UpdatedAt: ms(b.UpdatedAt)}
		for _, h := range b.Hashes {
			codes.Hashes = append(codes.Hashes, h[:])
		}
		doc.BackupCodes = codes
	}
	if doc == (secondFactorsDoc{}) {
		return ""
	}
	text, _ := json.Marshal(doc) // texts and numbers only: it cannot fail
	return string(text)
}

func scanSecondFactors(r *row, u *auth.User) {
	text := r.text()
	if text == "" {
		return
	}
	var doc secondFactorsDoc
	_ = json.Unmarshal([]byte(text), &doc) // as written above
	if t := doc.TOTP; t != nil {
		u.TOTP = auth.TOTP{
			ID: t.ID, Sealed: t.Sealed, Verified: t.Verified, LastStep: t.LastStep,
			CreatedAt: fromMS(t.CreatedAt), UpdatedAt: fromMS(t.UpdatedAt),
		}
	}
	if b := doc.BackupCodes; b != nil {
		u.BackupCodes = auth.BackupCodes{ID: b.ID, CreatedAt: fromMS(b.CreatedAt), UpdatedAt: fromMS(b.UpdatedAt)}
		for _, raw := range b.Hashes {
			var h [32]byte
			copy(h[:], raw)
			u.BackupCodes.Hashes = append(u.BackupCodes.Hashes, h)
		}
	}
}
