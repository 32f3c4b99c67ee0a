//go:build !unix

package filevault

func refusedLink(error) bool { return false }
