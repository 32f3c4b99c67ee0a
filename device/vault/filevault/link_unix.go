//go:build unix

package filevault

import (
	"errors"
	"syscall"
)

// refusedLink reports the error of opening a symbolic link without following.
func refusedLink(err error) bool { return errors.Is(err, syscall.ELOOP) }
