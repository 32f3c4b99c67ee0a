// Package filevault owns the vault that keeps a record in two sealed files of
// one folder.
//
// It offers [Open], which returns a [vault.Vault]. Each save goes whole into
// the slot that is not in use: written aside, flushed, renamed into place, the
// folder flushed, read back. The slot with the highest sequence number that
// passes its checks is the record, so a torn or lost write leaves the
// predecessor. Bodies are sealed with AES-256-GCM under a key file of mode 0600
// in the same folder; what cannot be read is set aside and never deleted.
//
// It refuses to judge bodies, to wait for a lock longer than its caller allows,
// and to believe a file of another user, another tenant or another name. The
// key file protects against copied or synchronised record files, not against a
// reader who can read the whole folder as this user.
package filevault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/disk"
)

// lockPatience bounds the wait for another process's save. A holder needs a few
// flushes; one that takes longer is reported as Locked and the caller retries.
const lockPatience = 2 * time.Second

// Config says where a vault lives and for whom. Dir and Tenant are needed.
type Config struct {
	// Dir is the folder; it is made with mode 0700 at the first save.
	Dir string
	// Tenant is the whole publishable key. Its digest is part of every file
	// name and is verified inside the file, so two tenants never meet.
	Tenant string
	// Item names the record among others of the tenant: lower-case letters,
	// digits and dashes. Empty means "session".
	Item string
	// Disk is the file system; nil means that of the operating system.
	Disk disk.Disk
	// Keys chooses where sealing keys live, given the folder's own key file;
	// nil means in that file. Slots name their key, so two places may be in use
	// at once and the later save wins.
	Keys func(own Keys) Keys
}

// Vault is a [vault.Vault] over a folder. It holds no open file between calls.
type Vault struct {
	disk   disk.Disk
	keys   Keys
	dir    string
	tenant digest
	item   string
}

var (
	_ vault.Vault = (*Vault)(nil)
	_ vault.Shelf = (*Vault)(nil)
)

// Open checks the configuration. It touches no file: a missing or unreadable
// folder is an answer of Load and Save, not an error here.
func Open(config Config) (*Vault, error) {
	if config.Dir == "" || config.Tenant == "" {
		return nil, errors.New("filevault: folder and tenant are needed")
	}
	dir, err := filepath.Abs(config.Dir)
	if err != nil {
		return nil, fmt.Errorf("filevault: folder: %w", err)
	}
	item := config.Item
	if item == "" {
		item = "session"
	}
	if err := checkItem(item); err != nil {
		return nil, err
	}
	v := &Vault{disk: config.Disk, dir: dir, tenant: digestOf(config.Tenant), item: item}
	if v.disk == nil {
		v.disk = disk.OS{}
	}
	own := keyFile{disk: v.disk, path: filepath.Join(dir, keyFileName)}
	v.keys = onlyFile{own}
	if config.Keys != nil {
		v.keys = config.Keys(own)
	}
	return v, nil
}

func checkItem(name string) error {
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("filevault: item name %q is empty or has a character outside a-z, 0-9 and -", name)
	}
	return nil
}

// Item implements [vault.Shelf].
func (v *Vault) Item(name string) (vault.Vault, error) {
	if err := checkItem(name); err != nil {
		return nil, err
	}
	other := *v
	other.item = name
	return &other, nil
}

// Hold implements [vault.Vault].
func (v *Vault) Hold(ctx context.Context) (func(), vault.Answer) {
	if err := v.disk.MakeDir(v.dir); err != nil {
		return nil, classify(err)
	}
	release, err := v.disk.Lock(ctx, v.path(".hold"))
	if err != nil {
		return nil, classify(err)
	}
	return release, vault.Stored
}

// path names a file of this record. The digest makes names of different tenants
// differ however alike their keys look.
func (v *Vault) path(suffix string) string {
	return filepath.Join(v.dir, v.item+"-"+v.tenant.name()+suffix)
}

func (v *Vault) slotPath(s slotName) string { return v.path("." + string(s)) }

// classify maps a file-system error to an answer. Only errors that are known
// to be about permission are AccessDenied; everything unknown is Failed.
func classify(err error) vault.Answer {
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, disk.ErrForeign), refusedLink(err):
		return vault.AccessDenied
	case errors.Is(err, disk.ErrBusy):
		return vault.Locked
	default:
		return vault.Failed
	}
}

// reason renders an error for a Detail: what happened without the path, which
// would carry the user's name into journals.
func reason(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Op + ": " + pathErr.Err.Error()
	}
	return err.Error()
}
