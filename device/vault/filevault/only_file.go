package filevault

import (
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/perennialauth/perennial/device/vault"
)

// SecretStoreMark is the file by which a vault that keeps its key in a secret
// store marks its folder.
const SecretStoreMark = "vault.keyring"

// onlyFile is the key file as the only place of keys. In a folder where a secret
// store was in use, a key that the file does not have is in that store and not
// gone: an app that went back to files may return to it.
type onlyFile struct{ keyFile }

// Find implements [Keys].
func (f onlyFile) Find(id KeyID) (Key, error) {
	key, err := f.keyFile.Find(id)
	if !errors.Is(err, ErrNoKey) {
		return key, err
	}
	mark := filepath.Join(filepath.Dir(f.path), SecretStoreMark)
	if _, markErr := f.disk.Read(mark, 64<<10); errors.Is(markErr, fs.ErrNotExist) {
		return Key{}, err
	}
	return Key{}, &KeyError{Answer: vault.AccessDenied, Detail: "the key may be in the secret store that was in use here"}
}
