package sqlstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// applicationID marks the file as ours in its header: "Pern".
const applicationID = 0x5065726e

const (
	headerSize      = 100
	headerMagic     = "SQLite format 3\x00"
	headerIDOffset  = 68
	headerPageSize  = 16
	headerPageCount = 28
)

// prepare checks, locks, creates and upgrades the file, in the order that
// touches a file that is not ours as little as possible: not at all.
func prepare(ctx context.Context, path string) (*flock.Flock, *conn, error) {
	exists, err := checkHeader(path)
	if err != nil {
		return nil, nil, err
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, nil, fmt.Errorf("cannot lock: %w", err)
	}
	if !held {
		return nil, nil, errors.New("another process is using it")
	}
	var c *conn
	if exists {
		c, err = upgrade(ctx, path)
	} else if err = create(ctx, path); err == nil {
		c, err = dialWriter(path)
	}
	if err != nil {
		return nil, nil, errors.Join(err, lock.Unlock())
	}
	if readOnly, _ := c.db.ReadOnly("main"); readOnly {
		return nil, nil, errors.Join(errReadOnly, c.close(), lock.Unlock())
	}
	return lock, c, nil
}

// checkHeader reads the first bytes without opening the file as a database.
func checkHeader(path string) (exists bool, _ error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	if !info.Mode().IsRegular() {
		return false, errors.New("not a file")
	}
	var head [headerSize]byte
	if _, err := io.ReadFull(f, head[:]); err != nil || string(head[:len(headerMagic)]) != headerMagic {
		return false, errors.New("not a database; it was left as it is")
	}
	if id := binary.BigEndian.Uint32(head[headerIDOffset:]); id != applicationID {
		return false, fmt.Errorf("a database of another application (id %#x); it was left as it is", id)
	}
	page := int64(binary.BigEndian.Uint16(head[headerPageSize:]))
	if page == 1 {
		page = 65536
	}
	// What is missing may be in the log of a process that died while it moved
	// the log into the file; only whoever reads both can say.
	if want := page * int64(binary.BigEndian.Uint32(head[headerPageCount:])); info.Size() < want && !hasLog(path) {
		return false, fmt.Errorf("damaged: %d bytes where its header says %d; it was left as it is", info.Size(), want)
	}
	return true, nil
}

// hasLog says whether there is something in the log beside the file.
func hasLog(path string) bool {
	log, err := os.Stat(path + "-wal")
	return err == nil && log.Size() > 0
}

// create builds the database beside path and renames it, so that a file at path
// is complete whenever it exists.
func create(ctx context.Context, path string) error {
	building := path + ".creating"
	if err := removeAll(building); err != nil {
		return err
	}
	f, err := os.OpenFile(building, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	c, err := dial(building, fmt.Sprintf("PRAGMA application_id=%d", applicationID), "PRAGMA journal_mode=WAL")
	if err != nil {
		return errors.New(reason(err))
	}
	if err := c.close(); err != nil {
		return errors.New(reason(err))
	}
	if err := migrate(ctx, building); err != nil {
		return err
	}
	if err := os.Rename(building, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func removeAll(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
