//go:build unix

package main

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives f the owner and the group of old: the service can still read
// its keys when root has rotated them.
func keepOwner(f *os.File, old fs.FileInfo) error {
	stat, ok := old.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return f.Chown(int(stat.Uid), int(stat.Gid))
}

// othersMayRead says whether somebody else than the owner of a file may read it.
func othersMayRead(file fs.FileInfo) bool { return file.Mode().Perm()&0o044 != 0 }
