//go:build !unix

package main

import (
	"io/fs"
	"os"
)

// keepOwner does nothing where files have no owner of this kind.
func keepOwner(*os.File, fs.FileInfo) error { return nil }

// othersMayRead cannot tell where the mode of a file does not say it.
func othersMayRead(fs.FileInfo) bool { return false }
