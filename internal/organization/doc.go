// Package organization owns the use cases of organizations: who may create,
// change and delete them, who belongs to them with which role, and every way to
// join: by an administrator, an invitation, or a domain.
//
// It offers [New], which makes one use case for each area over one store.
//
// It refuses to know how anything is stored or shown. Every operation of a
// member is checked against the table of permissions in package auth, and what
// belongs to another organization does not exist.
package organization
