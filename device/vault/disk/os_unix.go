//go:build unix

package disk

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

const (
	// openNoFollow refuses a symbolic link in the last element, so a link
	// planted in a shared folder cannot redirect a read or a write. O_NONBLOCK
	// keeps a planted pipe from stopping the reader.
	openNoFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK
	modesMatter  = true
)

// ownedByUs reports whether the effective user owns the file. Root may read
// what belongs to others.
func ownedByUs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	euid := os.Geteuid()
	return !ok || euid == 0 || int(stat.Uid) == euid
}

// matchOwner gives a file that root created to the owner of its folder.
func matchOwner(f *os.File, dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid == 0 {
		return nil
	}
	return f.Chown(int(stat.Uid), int(stat.Gid))
}

func identity(info fs.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Ino
	}
	return 0
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
