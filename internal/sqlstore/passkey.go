package sqlstore

import (
	"encoding/json"
	"reflect"

	"github.com/perennialauth/perennial/internal/auth"
)

var (
	passkeysByUser = built(func() string {
		return `SELECT p.id, p.name, p.rp_id, p.credential_id, p.public_key, ` + columns("p.") + `,
		p.last_used_at, p.created_at, p.updated_at FROM passkeys p WHERE p.user_id = $1 ORDER BY p.position`
	})
	insertPasskey = built(func() string {
		return `INSERT INTO passkeys (id, user_id, position, name, rp_id, credential_id, public_key, ` + columns("") + `,
		last_used_at, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`
	})
	deletePasskey = fixed(`DELETE FROM passkeys WHERE id = $1`)
)

func (c *conn) passkeys(id auth.UserID) (out []auth.Passkey, _ error) {
	err := c.each(passkeysByUser, []any{string(id)}, func(r *row) {
		p := auth.Passkey{ID: auth.PasskeyID(r.text()), Name: r.text(), RPID: r.text()}
		credential := r.blob()
		_ = json.Unmarshal(r.blob(), &p.Key) // as written below
		p.Key.CredentialID = credential
		p.Verification = scanVerification(r)
		p.LastUsedAt, p.CreatedAt, p.UpdatedAt = r.instant(), r.instant(), r.instant()
		out = append(out, p)
	})
	return out, err
}

// putPasskeys makes the stored set equal to the given one, see [conn.putEmails].
func (c *conn) putPasskeys(u *auth.User) error {
	same := 0
	if u.Version > 0 {
		stored, err := c.passkeys(u.ID)
		if err != nil {
			return err
		}
		for same < len(stored) && same < len(u.Passkeys) && reflect.DeepEqual(storablePasskey(stored[same]), storablePasskey(u.Passkeys[same])) {
			same++
		}
		for _, p := range stored[same:] {
			if _, err := c.exec(deletePasskey, string(p.ID)); err != nil {
				return err
			}
		}
	}
	for i := same; i < len(u.Passkeys); i++ {
		p := &u.Passkeys[i]
		key, _ := json.Marshal(p.Key) // texts, bytes and numbers only: it cannot fail
		credential := p.Key.CredentialID
		if credential == nil {
			credential = []byte{}
		}
		args := append([]any{string(p.ID), string(u.ID), i, p.Name, p.RPID, credential, string(key)}, verificationArgs(&p.Verification)...)
		args = append(args, ms(p.LastUsedAt), ms(p.CreatedAt), ms(p.UpdatedAt))
		if _, err := c.exec(insertPasskey, args...); err != nil {
			return err
		}
	}
	return nil
}

// storablePasskey is the passkey as it will be read back, with absent and empty
// bytes alike.
func storablePasskey(p auth.Passkey) auth.Passkey {
	p.LastUsedAt, p.CreatedAt, p.UpdatedAt = stored(p.LastUsedAt), stored(p.CreatedAt), stored(p.UpdatedAt)
	p.Verification = storableProof(p.Verification)
	for _, b := range []*[]byte{&p.Key.CredentialID, &p.Key.PublicKey, &p.Key.AAGUID} {
		if len(*b) == 0 {
			*b = nil
		}
	}
	return p
}
