package auth

import (
	"io"
	"slices"
	"time"
)

// RedirectURLID names a redirect URL: ru_…
type RedirectURLID string

// RedirectURL is a return address of an app that a back end added to those of
// the configuration, see [NativeRedirects].
type RedirectURL struct {
	ID        RedirectURLID `json:"id"`
	URL       string        `json:"url"`
	CreatedAt time.Time     `json:"created_at"`
}

// maxRedirectURLs bounds those of one instance: they are read from memory
// whenever a browser returns.
const maxRedirectURLs = 1000

// NewRedirectURL returns a redirect URL with a fresh identifier. It fails only
// when entropy does.
func NewRedirectURL(address string, now time.Time, entropy io.Reader) (RedirectURL, error) {
	id, err := newID("ru", now, entropy)
	return RedirectURL{ID: RedirectURLID(id), URL: address, CreatedAt: now}, err
}

// validRedirectURLs says whether a list is one that [Settings.AddRedirectURL]
// could have made, whichever way it came about.
func validRedirectURLs(list []RedirectURL) bool {
	ids, addresses := map[RedirectURLID]bool{}, map[string]bool{}
	for _, r := range list {
		if _, ok := parseNativeRedirect(r.URL); !ok || !ValidID("ru", string(r.ID)) || r.CreatedAt.IsZero() {
			return false
		}
		ids[r.ID], addresses[r.URL] = true, true
	}
	return len(ids) == len(list) && len(addresses) == len(list) && len(list) <= maxRedirectURLs
}

// AddRedirectURL returns the settings with one more return address. It refuses
// one that no app can be reached by with [CodeParamInvalid], one that is there
// with [CodeIdentifierExists], and too many with [CodeParamTooLong].
func (s Settings) AddRedirectURL(r RedirectURL) (Settings, error) {
	const param = "url"
	if _, ok := parseNativeRedirect(r.URL); !ok {
		return s, RefuseParam(CodeParamInvalid, param)
	}
	if slices.ContainsFunc(s.RedirectURLs, func(old RedirectURL) bool { return old.URL == r.URL }) {
		return s, RefuseParam(CodeIdentifierExists, param)
	}
	if len(s.RedirectURLs) >= maxRedirectURLs {
		return s, RefuseParam(CodeParamTooLong, param)
	}
	s.RedirectURLs = append(slices.Clone(s.RedirectURLs), r)
	return s, nil
}

// RemoveRedirectURL returns the settings without a return address, or
// [ErrNotFound].
func (s Settings) RemoveRedirectURL(id RedirectURLID) (Settings, error) {
	kept := slices.DeleteFunc(slices.Clone(s.RedirectURLs), func(r RedirectURL) bool { return r.ID == id })
	if len(kept) == len(s.RedirectURLs) {
		return s, ErrNotFound
	}
	s.RedirectURLs = kept
	return s, nil
}

// RedirectURL returns the return address with this id and whether there is one.
func (s Settings) RedirectURL(id RedirectURLID) (RedirectURL, bool) {
	i := slices.IndexFunc(s.RedirectURLs, func(r RedirectURL) bool { return r.ID == id })
	if i < 0 {
		return RedirectURL{}, false
	}
	return s.RedirectURLs[i], true
}
