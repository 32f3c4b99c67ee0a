package disk

import (
	"errors"
	"io/fs"
	"os"
)

// Mark tells one state of a file from another without reading it. The zero Mark
// means that there is no such file.
type Mark struct {
	File     uint64 // the file's identity, where the system has one
	Size     int64
	Modified int64 // nanoseconds
}

// Marker is implemented by disks that know marks.
type Marker interface {
	Mark(name string) (Mark, error)
}

var _ Marker = OS{}

// Mark implements [Marker].
func (OS) Mark(name string) (Mark, error) {
	info, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return Mark{}, nil
	}
	if err != nil {
		return Mark{}, err
	}
	return Mark{File: identity(info), Size: info.Size(), Modified: info.ModTime().UnixNano()}, nil
}
