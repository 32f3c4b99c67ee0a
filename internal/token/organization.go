package token

import (
	"slices"
	"strconv"
	"strings"
)

// Organization is the active organization of a session as its token tells it.
type Organization struct {
	ID          string   // org_…
	Slug        string   // may be empty
	Role        string   // key, such as org:admin
	Permissions []string // keys of the role, such as org:invoices:create
}

// orgClaim is the V2 member about the active organization. What the role may do
// is told by features (the fea claim) and actions: the bits of the n-th number
// of Mapping say which actions are granted on the n-th feature.
type orgClaim struct {
	ID      string `json:"id"`
	Slug    string `json:"slg,omitempty"`
	Role    string `json:"rol"`           // without the org: prefix
	Actions string `json:"per,omitempty"` // separated by commas
	Mapping string `json:"fpm,omitempty"` // numbers separated by commas
}

// maxActions is how many actions the bits of one number can tell apart in every
// published decoder: clerk-sdk-go reads a signed 64-bit integer.
const maxActions = 62

// custom are the sorted keys that back ends check. The permissions that this
// server checks itself stay out, as published.
func (o *Organization) custom() []string {
	keys := slices.DeleteFunc(slices.Clone(o.Permissions), func(key string) bool {
		return strings.HasPrefix(key, "org:sys_") || strings.Count(key, ":") != 2
	})
	slices.Sort(keys)
	return slices.Compact(keys)
}

// claim is the V2 member and the fea claim that belongs to it. Only features of
// the organization are listed, because some decoders count all features and
// others only these.
func (o *Organization) claim() (*orgClaim, string) {
	c := &orgClaim{ID: o.ID, Slug: o.Slug, Role: strings.TrimPrefix(o.Role, "org:")}
	var features, actions []string
	bits := map[string]uint64{}
	for _, key := range o.custom() {
		feature, action, _ := strings.Cut(strings.TrimPrefix(key, "org:"), ":")
		at := slices.Index(actions, action)
		if at < 0 {
			if len(actions) == maxActions {
				continue // not told is not granted
			}
			at = len(actions)
			actions = append(actions, action)
		}
		if _, known := bits[feature]; !known {
			features = append(features, "o:"+feature)
		}
		bits[feature] |= 1 << at
	}
	mapping := make([]string, len(features))
	for i, f := range features {
		mapping[i] = strconv.FormatUint(bits[strings.TrimPrefix(f, "o:")], 10)
	}
	c.Actions, c.Mapping = strings.Join(actions, ","), strings.Join(mapping, ",")
	return c, strings.Join(features, ",")
}
