package sqlstore

import (
	"context"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

var (
	jwtTemplateColumns = columnList(func() string {
		return `id, version, name, claims, lifetime, clock_skew, algorithm, sealed_key, created_at, updated_at`
	})

	jwtTemplateByID   = built(func() string { return `SELECT ` + jwtTemplateColumns.of("t") + ` FROM jwt_templates t WHERE t.id = $1` })
	jwtTemplateByName = built(func() string {
		return `SELECT ` + jwtTemplateColumns.of("t") + ` FROM jwt_templates t WHERE t.name = $1`
	})
	jwtTemplatesText = built(func() string {
		return `SELECT ` + jwtTemplateColumns.of("t") + ` FROM jwt_templates t
		ORDER BY t.created_at DESC, t.id DESC LIMIT $1 OFFSET $2`
	})
	countJWTTemplates = fixed(`SELECT count(*) FROM jwt_templates`)
	insertJWTTemplate = built(func() string { return jwtTemplateColumns.insert("jwt_templates") })
	updateJWTTemplate = built(func() string { return jwtTemplateColumns.update("jwt_templates", "created_at") })
	deleteJWTTemplate = fixed(`DELETE FROM jwt_templates WHERE id = $1`)
)

// JWTTemplate returns the template with this id.
func (s *Store) JWTTemplate(ctx context.Context, id auth.JWTTemplateID) (auth.JWTTemplate, error) {
	return s.oneJWTTemplate(ctx, jwtTemplateByID, string(id))
}

// JWTTemplateByName returns the template with this name.
func (s *Store) JWTTemplateByName(ctx context.Context, name string) (auth.JWTTemplate, error) {
	return s.oneJWTTemplate(ctx, jwtTemplateByName, name)
}

func (s *Store) oneJWTTemplate(ctx context.Context, q *query, arg string) (out auth.JWTTemplate, _ error) {
	err := s.read(ctx, "token template", func(c *conn) error {
		return found(c.one(q, func(r *row) { out = scanJWTTemplate(r) }, arg))
	})
	return out, err
}

// JWTTemplates returns one page of all templates, newest first, and how many
// there are.
func (s *Store) JWTTemplates(ctx context.Context, limit, offset int) (out []auth.JWTTemplate, total int, _ error) {
	err := s.read(ctx, "token templates", func(c *conn) error {
		if _, err := c.one(countJWTTemplates, func(r *row) { total = int(r.int()) }); err != nil {
			return err
		}
		return c.each(jwtTemplatesText, []any{min(max(limit, 1), pageLimit), max(offset, 0)}, func(r *row) {
			out = append(out, scanJWTTemplate(r))
		})
	})
	if err != nil {
		return nil, 0, err
	}
	return out, total, nil
}

func scanJWTTemplate(r *row) auth.JWTTemplate {
	return auth.JWTTemplate{
		ID:        auth.JWTTemplateID(r.text()),
		Version:   r.int(),
		Name:      r.text(),
		Claims:    []byte(r.text()),
		Lifetime:  time.Duration(r.int()) * time.Second,
		ClockSkew: time.Duration(r.int()) * time.Second,
		Algorithm: r.text(),
		SealedKey: r.blob(),
		CreatedAt: r.instant(),
		UpdatedAt: r.instant(),
	}
}

func (c *conn) putJWTTemplate(x *auth.JWTTemplate) error {
	var sealed any
	if x.SealedKey != nil {
		sealed = x.SealedKey
	}
	return c.put(x.Version, insertJWTTemplate, updateJWTTemplate,
		string(x.ID), x.Version, x.Name, string(x.Claims), int64(x.Lifetime/time.Second), int64(x.ClockSkew/time.Second),
		x.Algorithm, sealed, ms(x.CreatedAt), ms(x.UpdatedAt))
}

func (c *conn) deleteJWTTemplate(id *auth.JWTTemplateID) error {
	_, err := c.exec(deleteJWTTemplate, string(*id))
	return err
}
