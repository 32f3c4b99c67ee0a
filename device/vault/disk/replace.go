package disk

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// Replace puts data in the place of path in one step: whole in a file aside,
// flushed, renamed, the folder flushed. The rename waits for the flush because
// some file systems would otherwise keep the new name with no content. After an
// error either the old or the new file is in place, never a part of one. The
// caller holds the lock under which path is written.
func Replace(d Disk, path string, data []byte) error {
	aside := path + ".new"
	// Left behind by a process that died here.
	if err := d.Remove(aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err := write(d, aside, data)
	if err == nil {
		err = d.Rename(aside, path)
	}
	if err != nil {
		// Half a file is worth nothing; on a full disk its space is.
		_ = d.Remove(aside)
		return err
	}
	return d.SyncDir(filepath.Dir(path))
}

func write(d Disk, path string, data []byte) error {
	f, err := d.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
