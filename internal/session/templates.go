package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/token"
)

// TemplateStore keeps templates of tokens. Absent is [auth.ErrNotFound]; a name
// that another has fails a commit with [auth.ErrExists].
type TemplateStore interface {
	JWTTemplate(ctx context.Context, id auth.JWTTemplateID) (auth.JWTTemplate, error)
	// JWTTemplates returns one page, newest first, and the number of all.
	JWTTemplates(ctx context.Context, limit, offset int) (page []auth.JWTTemplate, total int, err error)
	Commit(ctx context.Context, change auth.Change) error
}

// TemplateSigner signs tokens of templates, and keeps keys of integrators from
// being read.
type TemplateSigner interface {
	SealKey(id auth.JWTTemplateID, algorithm, key string) ([]byte, error)
	Sign(r token.TemplateRequest) (token.Signed, error)
}

// Templates are the operations on templates of tokens, for the holder of the
// secret key.
type Templates struct {
	Store   TemplateStore
	Signer  TemplateSigner
	Now     func() time.Time
	Entropy io.Reader
}

// TemplateFields are what a template is made of. Nil leaves what is.
type TemplateFields struct {
	Name      *string
	Claims    json.RawMessage
	Lifetime  *time.Duration
	ClockSkew *time.Duration
	CustomKey *bool // the template has a key of its own
	Algorithm *string
	Key       *string // PEM, or a shared secret
}

// List returns one page of templates, newest first, and the number of all.
func (t *Templates) List(ctx context.Context, limit, offset int) (page []auth.JWTTemplate, total int, err error) {
	return t.Store.JWTTemplates(ctx, limit, offset)
}

// Get returns one template.
func (t *Templates) Get(ctx context.Context, id auth.JWTTemplateID) (auth.JWTTemplate, error) {
	return t.Store.JWTTemplate(ctx, id)
}

// Create makes a template. It refuses what [auth.JWTTemplate.Check] does, a
// taken name and a key that does not fit.
func (t *Templates) Create(ctx context.Context, f TemplateFields) (out auth.JWTTemplate, err error) {
	now := t.Now()
	id, err := auth.NewJWTTemplateID(now, t.Entropy)
	if err != nil {
		return out, err
	}
	out, err = t.apply(auth.JWTTemplate{
		ID: id, Lifetime: auth.JWTLifetime, ClockSkew: auth.JWTClockSkew, Algorithm: auth.InstanceAlgorithm,
		CreatedAt: now, UpdatedAt: now,
	}, f)
	if err != nil {
		return out, err
	}
	return out, t.commit(ctx, out)
}

// Update changes a template, which tokens follow from their next signature on.
func (t *Templates) Update(ctx context.Context, id auth.JWTTemplateID, f TemplateFields) (out auth.JWTTemplate, err error) {
	err = auth.Retry(func() error {
		if out, err = t.Store.JWTTemplate(ctx, id); err != nil {
			return err
		}
		if out, err = t.apply(out, f); err != nil {
			return err
		}
		out.UpdatedAt = t.Now()
		return t.commit(ctx, out)
	})
	return out, err
}

// Delete removes a template. No token of it is signed any more.
func (t *Templates) Delete(ctx context.Context, id auth.JWTTemplateID) error {
	if _, err := t.Store.JWTTemplate(ctx, id); err != nil {
		return err
	}
	return t.Store.Commit(ctx, auth.Change{DeletedJWTTemplates: []auth.JWTTemplateID{id}})
}

func (t *Templates) commit(ctx context.Context, x auth.JWTTemplate) error {
	err := t.Store.Commit(ctx, auth.Change{JWTTemplates: []auth.JWTTemplate{x}})
	if errors.Is(err, auth.ErrExists) {
		return auth.RefuseParam(auth.CodeTemplateNameTaken, "name")
	}
	return err
}

// apply lays fields over a template and checks the whole.
func (t *Templates) apply(x auth.JWTTemplate, f TemplateFields) (auth.JWTTemplate, error) {
	replace(&x.Name, f.Name)
	replace(&x.Lifetime, f.Lifetime)
	replace(&x.ClockSkew, f.ClockSkew)
	if f.Claims != nil {
		x.Claims = f.Claims
	}
	x, err := t.applyKey(x, f)
	if err != nil {
		return x, err
	}
	return x, x.Check()
}

// applyKey decides which key signs. A template that keeps its own key keeps the
// algorithm that it was checked with.
func (t *Templates) applyKey(x auth.JWTTemplate, f TemplateFields) (auth.JWTTemplate, error) {
	own := x.SealedKey != nil
	replace(&own, f.CustomKey)
	if !own {
		x.SealedKey, x.Algorithm = nil, auth.InstanceAlgorithm
		if f.Algorithm != nil && *f.Algorithm != "" && *f.Algorithm != auth.InstanceAlgorithm {
			return x, auth.RefuseParam(auth.CodeParamInvalid, "signing_algorithm")
		}
		return x, nil
	}
	before := x.Algorithm
	replace(&x.Algorithm, f.Algorithm)
	if f.Key == nil || *f.Key == "" {
		if x.SealedKey == nil || x.Algorithm != before {
			return x, auth.RefuseParam(auth.CodeParamMissing, "signing_key")
		}
		return x, nil
	}
	sealed, err := t.Signer.SealKey(x.ID, x.Algorithm, *f.Key)
	if errors.Is(err, token.ErrSigningKey) {
		return x, auth.RefuseParam(auth.CodeParamInvalid, "signing_key")
	}
	if err != nil {
		return x, fmt.Errorf("seal key of template: %w", err)
	}
	x.SealedKey = sealed
	return x, nil
}

func replace[T any](at, with *T) {
	if with != nil {
		*at = *with
	}
}
