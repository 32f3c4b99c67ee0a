package organization

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Organizations creates, changes and deletes organizations.
type Organizations struct{ *core }

// Create is what a new organization is made of. Only Name and Slug are a
// member's to choose.
type Create struct {
	Name           string
	Slug           string // empty for one made of the name
	CreatedBy      auth.UserID
	PublicMeta     json.RawMessage
	PrivateMeta    json.RawMessage
	MaxMemberships *int      // nil for that of the instance
	RoleSet        string    // key or id; empty for the initial one
	CreatedAt      time.Time // zero for now
}

// Create makes an organization. Whoever creates it becomes its first member,
// with the creator role of the instance; an operator names the creator, or
// nobody.
func (s *Organizations) Create(ctx context.Context, by Actor, in Create) (out auth.Belonging, err error) {
	if err := s.enabled(); err != nil {
		return out, err
	}
	set := s.Settings().Organizations
	if by != Operator {
		in = Create{Name: in.Name, Slug: in.Slug, CreatedBy: by.User}
	}
	org, err := s.draft(in, set)
	if err != nil {
		return out, err
	}
	if in.RoleSet != "" {
		if org.RoleSet, err = s.setFor(ctx, org, in.RoleSet); err != nil {
			return out, err
		}
	}
	err = auth.Retry(func() error {
		out = auth.Belonging{Organization: org}
		change := auth.Change{}
		if in.CreatedBy != "" {
			if err := s.foundedBy(ctx, by, set, &out, &change); err != nil {
				return err
			}
		}
		change.Organizations.Organizations = []auth.Organization{out.Organization}
		return s.Store.Commit(ctx, change)
	})
	return out, refuseTaken(err)
}

// MayCreate refuses whoever could create no organization now, before they are
// asked for its name.
func (s *Organizations) MayCreate(ctx context.Context, by Actor) error {
	if err := s.enabled(); err != nil || by == Operator {
		return err
	}
	creator, err := s.Store.User(ctx, by.User)
	if err != nil {
		return fmt.Errorf("read creator: %w", err)
	}
	return s.mayFound(ctx, creator, s.Settings().Organizations)
}

// mayFound refuses a user who may not create organizations, or has created as
// many as they may.
func (s *Organizations) mayFound(ctx context.Context, creator auth.User, set auth.OrganizationSettings) error {
	if !set.MayCreate(creator) {
		return auth.Refuse(auth.CodeOrgCreationForbidden)
	}
	limit := set.LimitOf(creator)
	if limit == 0 {
		return nil
	}
	created, err := s.Store.CountOrganizationsCreatedBy(ctx, creator.ID)
	if err != nil {
		return fmt.Errorf("count organizations: %w", err)
	}
	if created >= limit {
		return auth.Refuse(auth.CodeOrgCreationQuota)
	}
	return nil
}

// draft checks what was given.
func (s *Organizations) draft(in Create, set auth.OrganizationSettings) (o auth.Organization, err error) {
	now := s.Now()
	id, err := auth.NewOrganizationID(now, s.Entropy)
	if err != nil {
		return o, err
	}
	if in.Name, err = auth.CheckOrgName(in.Name); err != nil {
		return o, err
	}
	switch {
	case set.SlugDisabled && in.Slug != "":
		return o, auth.RefuseParam(auth.CodeParamUnknown, "slug")
	case set.SlugDisabled:
	case in.Slug == "":
		in.Slug = auth.SlugOf(in.Name, id)
	default:
		if err := auth.CheckSlug(in.Slug); err != nil {
			return o, err
		}
	}
	o = auth.Organization{
		ID: id, Name: in.Name, Slug: in.Slug, CreatedBy: in.CreatedBy, MaxMemberships: set.MaxMemberships,
		AdminDelete: set.AdminDelete, CreatedAt: now, UpdatedAt: now,
	}
	if in.MaxMemberships != nil {
		if o.MaxMemberships = *in.MaxMemberships; o.MaxMemberships < 0 {
			return o, auth.RefuseParam(auth.CodeParamInvalid, "max_allowed_memberships")
		}
	}
	if !in.CreatedAt.IsZero() {
		o.CreatedAt = in.CreatedAt
	}
	if o.PublicMeta, err = auth.ParseMetadata(in.PublicMeta, "public_metadata"); err != nil {
		return o, err
	}
	o.PrivateMeta, err = auth.ParseMetadata(in.PrivateMeta, "private_metadata")
	return o, err
}

// foundedBy makes the creator the first member. The user is written too: of
// many organizations created at once no more get through than the limit allows.
func (s *Organizations) foundedBy(
	ctx context.Context, by Actor, set auth.OrganizationSettings, b *auth.Belonging, change *auth.Change,
) error {
	creator, err := s.Store.User(ctx, b.Organization.CreatedBy)
	if errors.Is(err, auth.ErrNotFound) {
		return auth.RefuseParam(auth.CodeResourceNotFound, "created_by")
	}
	if err != nil {
		return fmt.Errorf("read creator: %w", err)
	}
	if by != Operator {
		if err := s.mayFound(ctx, creator, set); err != nil {
			return err
		}
		change.Users = []auth.User{creator}
	}
	all, err := s.catalogue(ctx)
	if err != nil {
		return err
	}
	if b.Role, err = given(all, all.Set(b.Organization).CreatorRole); err != nil {
		return err
	}
	now := s.Now()
	id, err := auth.NewMembershipID(now, s.Entropy)
	if err != nil {
		return err
	}
	b.Organization.Members = 1
	b.Membership = auth.Membership{
		ID: id, Organization: b.Organization.ID, User: creator.ID, Role: b.Role.ID,
		PublicMeta: json.RawMessage("{}"), PrivateMeta: json.RawMessage("{}"), CreatedAt: now, UpdatedAt: now,
	}
	change.Organizations.Memberships = []auth.Membership{b.Membership}
	return nil
}

// Get returns an organization for a member or an operator.
func (s *Organizations) Get(ctx context.Context, by Actor, id auth.OrganizationID) (auth.Belonging, error) {
	return s.enter(ctx, by, id, auth.OrgRead)
}

// Find returns the organization that an operator names by its id or slug.
func (s *Organizations) Find(ctx context.Context, name string) (auth.Organization, error) {
	if err := s.enabled(); err != nil {
		return auth.Organization{}, err
	}
	if auth.ValidID("org", name) {
		return s.Store.Organization(ctx, auth.OrganizationID(name))
	}
	return s.Store.OrganizationBySlug(ctx, name)
}

// List returns one page of all organizations, and how many match.
func (s *Organizations) List(ctx context.Context, q auth.OrganizationQuery) ([]auth.Organization, int, error) {
	if err := s.enabled(); err != nil {
		return nil, 0, err
	}
	return s.Store.Organizations(ctx, q)
}

// Update is what to change of an organization; nil leaves it as it is. Only
// Name and Slug are a member's to change.
type Update struct {
	Name           *string
	Slug           *string
	MaxMemberships *int
	AdminDelete    *bool
	RoleSet        string // key or id of another role set; empty leaves it
	CreatedAt      *time.Time
	PublicMeta     json.RawMessage
	PrivateMeta    json.RawMessage
}

// Update changes an organization.
func (s *Organizations) Update(ctx context.Context, by Actor, id auth.OrganizationID, in Update) (auth.Organization, error) {
	if by != Operator {
		in = Update{Name: in.Name, Slug: in.Slug}
	}
	return s.change(ctx, by, id, auth.OrgUpdate, func(o auth.Organization) (_ auth.Organization, err error) {
		if in.RoleSet != "" {
			if o.RoleSet, err = s.setFor(ctx, o, in.RoleSet); err != nil {
				return o, err
			}
		}
		return s.apply(o, in)
	})
}

// setFor is a role set that has the roles of every member of the organization.
func (s *Organizations) setFor(ctx context.Context, o auth.Organization, name string) (auth.RoleSetID, error) {
	all, err := s.catalogue(ctx)
	if err != nil {
		return "", err
	}
	set, err := setNamed(all, name, "role_set_key")
	if err != nil {
		return "", err
	}
	for _, r := range all.Roles {
		if set.Has(r.ID) {
			continue
		}
		used, err := s.Store.RoleUsedIn(ctx, o.ID, r.ID)
		if err != nil {
			return "", fmt.Errorf("look for members: %w", err)
		}
		if used {
			return "", auth.RefuseParam(auth.CodeOrgRoleUsed, "role_set_key")
		}
	}
	return set.ID, nil
}

func (s *Organizations) apply(o auth.Organization, in Update) (_ auth.Organization, err error) {
	if in.Name != nil {
		if o.Name, err = auth.CheckOrgName(*in.Name); err != nil {
			return o, err
		}
	}
	if in.Slug != nil && *in.Slug != "" && *in.Slug != o.Slug {
		if s.Settings().Organizations.SlugDisabled {
			return o, auth.RefuseParam(auth.CodeParamUnknown, "slug")
		}
		if err := auth.CheckSlug(*in.Slug); err != nil {
			return o, err
		}
		o.Slug = *in.Slug
	}
	if in.MaxMemberships != nil {
		if o.MaxMemberships = *in.MaxMemberships; o.MaxMemberships < 0 {
			return o, auth.RefuseParam(auth.CodeParamInvalid, "max_allowed_memberships")
		}
	}
	if in.AdminDelete != nil {
		o.AdminDelete = *in.AdminDelete
	}
	if in.CreatedAt != nil {
		o.CreatedAt = *in.CreatedAt
	}
	if in.PublicMeta != nil {
		if o.PublicMeta, err = auth.ParseMetadata(in.PublicMeta, "public_metadata"); err != nil {
			return o, err
		}
	}
	if in.PrivateMeta != nil {
		o.PrivateMeta, err = auth.ParseMetadata(in.PrivateMeta, "private_metadata")
	}
	return o, err
}

// MergeMetadata merges into what is stored, an operator's right.
func (s *Organizations) MergeMetadata(ctx context.Context, id auth.OrganizationID, public, private json.RawMessage) (auth.Organization, error) {
	return s.change(ctx, Operator, id, auth.OrgUpdate, func(o auth.Organization) (_ auth.Organization, err error) {
		if o.PublicMeta, err = auth.MergeMetadata(o.PublicMeta, public, "public_metadata"); err != nil {
			return o, err
		}
		o.PrivateMeta, err = auth.MergeMetadata(o.PrivateMeta, private, "private_metadata")
		return o, err
	})
}

// change decides on an organization and commits, again when somebody was faster.
func (s *Organizations) change(
	ctx context.Context, by Actor, id auth.OrganizationID, op auth.OrgOperation,
	decide func(auth.Organization) (auth.Organization, error),
) (out auth.Organization, err error) {
	err = auth.Retry(func() error {
		b, err := s.enter(ctx, by, id, op)
		if err != nil {
			return err
		}
		if out, err = decide(b.Organization); err != nil {
			return err
		}
		out.UpdatedAt = s.Now()
		return s.Store.Commit(ctx, auth.Change{Organizations: auth.OrganizationChange{Organizations: []auth.Organization{out}}})
	})
	return out, refuseTaken(err)
}

// MayChangeLogo says whether the actor may, before anybody looks at a file.
func (s *Organizations) MayChangeLogo(ctx context.Context, by Actor, id auth.OrganizationID) error {
	_, err := s.enter(ctx, by, id, auth.OrgChangeLogo)
	return err
}

// SetLogo makes a picture, checked and encoded by the caller, the logo.
func (s *Organizations) SetLogo(
	ctx context.Context, by Actor, id auth.OrganizationID, contentType string, content []byte,
) (auth.Organization, error) {
	now := s.Now()
	image, err := auth.NewImageID(now, s.Entropy)
	if err != nil {
		return auth.Organization{}, err
	}
	return s.changeLogo(ctx, by, id, []auth.Image{{ID: image, ContentType: contentType, Content: content, CreatedAt: now}})
}

// DeleteLogo leaves the organization without a logo.
func (s *Organizations) DeleteLogo(ctx context.Context, by Actor, id auth.OrganizationID) (auth.Organization, error) {
	return s.changeLogo(ctx, by, id, nil)
}

// changeLogo replaces the logo by one picture or none.
func (s *Organizations) changeLogo(
	ctx context.Context, by Actor, id auth.OrganizationID, pictures []auth.Image,
) (out auth.Organization, err error) {
	err = auth.Retry(func() error {
		b, err := s.enter(ctx, by, id, auth.OrgChangeLogo)
		if err != nil {
			return err
		}
		out = b.Organization
		change := auth.Change{Images: pictures}
		if out.Image != "" {
			change.DeletedImages = []auth.ImageID{out.Image}
		}
		if out.Image, out.UpdatedAt = "", s.Now(); len(pictures) > 0 {
			out.Image = pictures[0].ID
		}
		change.Organizations.Organizations = []auth.Organization{out}
		return s.Store.Commit(ctx, change)
	})
	return out, err
}

// Delete deletes an organization with everything that belongs to it.
func (s *Organizations) Delete(ctx context.Context, by Actor, id auth.OrganizationID) (out auth.Organization, err error) {
	err = auth.Retry(func() error {
		b, err := s.enter(ctx, by, id, auth.OrgDelete)
		if err != nil {
			return err
		}
		out = b.Organization
		change := auth.Change{Organizations: auth.OrganizationChange{Deleted: []auth.Organization{out}}}
		if out.Image != "" {
			change.DeletedImages = []auth.ImageID{out.Image}
		}
		return s.Store.Commit(ctx, change)
	})
	return out, err
}
