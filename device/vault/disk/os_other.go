//go:build !unix

package disk

import (
	"io/fs"
	"os"
)

// Unverified: these builds compile and have not been run on such a system.
const (
	openNoFollow = 0
	modesMatter  = false
)

func ownedByUs(fs.FileInfo) bool { return true }

func matchOwner(*os.File, string) error { return nil }

func identity(fs.FileInfo) uint64 { return 0 }

// syncDir does nothing: Windows has no way to flush a folder, and journals the
// rename itself.
func syncDir(string) error { return nil }
