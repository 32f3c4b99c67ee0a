package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Overwriter is a [Disk] that can write over a file where it lies, which most
// file systems do without space of their own for it.
type Overwriter interface {
	// Overwrite gives an existing file new contents, in the blocks that it has
	// as far as they go, and makes them durable. It is not atomic: a file that
	// somebody still needs is no place for it. A file that fails the ownership
	// rule matches ErrForeign.
	Overwrite(name string, data []byte) error
}

var _ Overwriter = OS{}

// Overwrite implements [Overwriter].
func (OS) Overwrite(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|openNoFollow, 0)
	if err != nil {
		return err
	}
	err = overwrite(f, data)
	return errors.Join(err, f.Close())
}

func overwrite(f *os.File, data []byte) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || !ownedByUs(info) {
		return fmt.Errorf("overwrite %s: %w", filepath.Base(f.Name()), ErrForeign)
	}
	if _, err := f.WriteAt(data, 0); err != nil {
		return err
	}
	// Only now: cut short before, its blocks would be anybody's.
	if err := f.Truncate(int64(len(data))); err != nil {
		return err
	}
	return f.Sync()
}
