package secret

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// WriteFile replaces path with data so that a reader sees the old or the new
// content and never a part, readable by the owner only. The data is durable
// on return: file and directory are synced.
func WriteFile(path string, data []byte) error {
	tmp, err := writeTemp(path, data)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		_ = os.Remove(tmp)
		return err
	}
	return syncDir(filepath.Dir(path))
}

// createFile is [WriteFile] that never replaces: it returns fs.ErrExist when
// path is already there, so that two first runs agree on one key.
func createFile(path string, data []byte) error {
	tmp, err := writeTemp(path, data)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp) }()
	if err := os.Link(tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func writeTemp(path string, data []byte) (name string, err error) {
	// os.CreateTemp makes the file with mode 0600 from the start, so there is
	// no instant at which others could open it.
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return "", err
	}
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return "", err
	}
	return f.Name(), f.Sync()
}

func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // directories cannot be opened for syncing there
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return err
}

// ReadMasterKeyFile reads a master key from path. It refuses a file
// that every user may read, because such a key must be considered known. A
// file its group may read passes: secrets mounted into containers look so.
func ReadMasterKeyFile(path string) (*MasterKey, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w file: %w", ErrMasterKey, err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("%w file: %w", ErrMasterKey, err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("%w file %s: mode %04o lets every user of the machine read it; run chmod 600 on it",
			ErrMasterKey, path, info.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil {
		return nil, fmt.Errorf("%w file: %w", ErrMasterKey, err)
	}
	k, err := ParseMasterKey(string(text))
	if err != nil {
		return nil, fmt.Errorf("%w (file %s)", err, path)
	}
	return k, nil
}

// LoadOrCreateMasterKeyFile reads the key at path and makes one there on the
// first run. Of two processes that start at once, both get the same key.
// A file that exists but cannot be used is an error and is left untouched: a
// fresh key would make everything sealed so far unreadable for good.
func LoadOrCreateMasterKeyFile(path string) (*MasterKey, error) {
	k, err := ReadMasterKeyFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if k, err = NewMasterKey(nil); err != nil {
		return nil, err
	}
	err = createFile(path, []byte(k.Encode()+"\n"))
	if errors.Is(err, fs.ErrExist) {
		return ReadMasterKeyFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("%w file: %w", ErrMasterKey, err)
	}
	return k, nil
}
