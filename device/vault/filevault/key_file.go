package filevault

import (
	"crypto/rand"
	"errors"
	"hash/crc32"
	"io/fs"

	"github.com/perennialauth/perennial/device/vault/disk"
)

// The key file holds a magic, the key and a checksum, so that a truncated or
// foreign file is recognised before it seals or condemns anything.
const (
	keyFileName   = "vault.key"
	keyMagic      = "PRNK0001"
	keyFileLength = len(keyMagic) + len(Key{}) + 4
)

// keyFile keeps one sealing key in a file of mode 0600 beside the records.
type keyFile struct {
	disk disk.Disk
	path string
}

var _ Keys = keyFile{}

// Find implements [Keys].
func (f keyFile) Find(id KeyID) (Key, error) {
	key, err := f.read()
	if err == nil && key.ID() != id {
		return Key{}, ErrNoKey
	}
	return key, err
}

// Current implements [Keys]. A damaged key file is set aside first: its bytes
// may still matter to someone who restores a backup.
func (f keyFile) Current() (Key, error) {
	key, err := f.read()
	if !errors.Is(err, ErrNoKey) {
		return key, err
	}
	if err := setAside(f.disk, f.path); err != nil {
		return Key{}, err
	}
	if _, err := rand.Read(key[:]); err != nil {
		return Key{}, err
	}
	data := append([]byte(keyMagic), key[:]...)
	data = append(data, checksumBytes(data)...)
	// The key is durable before anything is sealed with it.
	return key, disk.Replace(f.disk, f.path, data)
}

func (f keyFile) read() (Key, error) {
	data, err := f.disk.Read(f.path, 4096)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, disk.ErrTooLarge):
		return Key{}, ErrNoKey
	case err != nil:
		return Key{}, err
	}
	return parseKey(data)
}

func parseKey(data []byte) (Key, error) {
	if len(data) != keyFileLength || string(data[:len(keyMagic)]) != keyMagic {
		return Key{}, ErrNoKey
	}
	if string(checksumBytes(data[:keyFileLength-4])) != string(data[keyFileLength-4:]) {
		return Key{}, ErrNoKey
	}
	return Key(data[len(keyMagic) : keyFileLength-4]), nil
}

func checksumBytes(data []byte) []byte {
	sum := crc32.ChecksumIEEE(data)
	return []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}
}
