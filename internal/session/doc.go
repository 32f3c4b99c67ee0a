// Package session owns the use cases of clients and their sessions: which
// client a credential belongs to, creating and rotating client credentials,
// session tokens, and every way a session is used or ended.
//
// It offers [Clients] and [Sessions] to the HTTP packages.
//
// It refuses to know how a credential travels, how anything is stored or shown,
// and to call a session over on anything but a successful read.
package session
