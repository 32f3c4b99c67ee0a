package device

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// openJournal opens the file for appending, and puts a full one aside. Lines of
// other processes may come in between: each is one write.
func openJournal(path string) *os.File {
	if info, err := os.Lstat(path); err == nil {
		if !info.Mode().IsRegular() {
			return nil // a symbolic link here would be somebody's trap
		}
		if info.Size() > journalBytes {
			_ = os.Rename(path, path+".1")
		}
	} else if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil
		}
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil
	}
	return file
}

// appendLine writes a line at the end of the journal and says how long it is.
// On a full disk the newest is worth more than the oldest: that a full disk
// kept something from being stored is what somebody will want to read.
func appendLine(file *os.File, path string, text []byte) int {
	for _, makeRoom := range []func(){func() { _ = os.Remove(path + ".1") }, func() { forgetOldest(path) }} {
		n, err := file.Write(text)
		if err == nil {
			return n
		}
		// Half a line would take the next one with it.
		if end, seekErr := file.Seek(0, io.SeekEnd); n > 0 && seekErr == nil {
			_ = file.Truncate(end - int64(n))
		}
		makeRoom()
	}
	n, _ := file.Write(text)
	return n
}

// forgetOldest drops the first half of the journal, in the blocks that it has.
// What another process writes meanwhile may be lost with it.
func forgetOldest(path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		return
	}
	_, kept, _ := bytes.Cut(text[len(text)/2:], []byte("\n"))
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	if _, err = file.WriteAt(kept, 0); err == nil {
		_ = file.Truncate(int64(len(kept)))
	}
	_ = file.Close()
}
