package answer

import (
	"io/fs"
	"os"
	"sync"
	"testing"
	"testing/fstest"

	"iqbot/internal/locale"
	"iqbot/locales"
)

// The library and the index that the program is built with are made once for all
// tests; they are not changed by use. All languages are learned side by side.
var (
	loadReal  = sync.OnceValues(func() (*Library, error) { return load(locales.FS) })
	realIndex = sync.OnceValues(func() (*Index, error) {
		l, err := loadReal()
		if err != nil {
			return nil, err
		}
		x := NewIndex(l)
		for _, tag := range l.Languages() {
			x.Expect(tag)
		}
		return x, nil
	})
)

func realLibrary(t testing.TB) *Library {
	t.Helper()
	l, err := loadReal()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func index(t testing.TB) *Index {
	t.Helper()
	x, err := realIndex()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func load(fsys fs.FS) (*Library, error) {
	cat, err := locale.Load(fsys)
	if err != nil {
		return nil, err
	}
	return Load(fsys, cat)
}

// smallContent returns a folder of a few articles as files that a test may change.
func smallContent(t testing.TB) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	root := os.DirFS("library/testdata/content")
	err := fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		files[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func smallLibrary(t testing.TB) *Library {
	t.Helper()
	l, err := load(smallContent(t))
	if err != nil {
		t.Fatal(err)
	}
	return l
}
