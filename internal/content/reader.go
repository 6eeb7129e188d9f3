// Package content reads what people write who know no Go: flows, texts,
// articles, contacts. It is the one reader of all such files, and it is strict: what
// is misspelt, unknown or torn is a [Fault] with file and line, never passed
// over, and never told in the words of the program.
//
// # Reading
//
// A [Reader] reads the files of one folder and gathers their faults. The one
// who reads goes on after a fault, so that an editor sees all of them at once,
// and asks in the end:
//
//	r := content.NewReader(fsys)
//	var file struct {
//		Towns []town `yaml:"towns"`
//	}
//	doc := r.YAML("exonyms.yaml", &file)
//	for i, t := range file.Towns {
//		if !known(t.Name) {
//			doc.Fault(content.Path{"towns", i, "name"}, "there is no place %q", t.Name)
//		}
//	}
//	return r.Err() // exonyms.yaml:8: there is no place "Konfluenz"
//
// There is a method for each kind of file:
//
//	Text     any text
//	YAML     one document; a key that the Go type does not have is a fault
//	TOML     likewise
//	Table    comma- or tab-separated values; the first line names the columns
//	Lines    one entry a line; empty lines and those that begin with # do not count
//	Page     front matter in YAML between two lines ---, and a body
//
// All of them take files as editors on any system write them: with or without
// a byte order mark, with any end of line, in UTF-8 only.
//
// # Lines
//
// A YAML file is parsed once, into nodes that know their lines, and decoded
// from these; so the line of every value is there for the asking
// ([Document.Line]) and costs nothing if nobody asks. Of a TOML file the lines are
// looked for when the first is asked for.
//
// # Faults
//
// [Faults] is what is wrong with a folder, sorted; [Join] and [In] put together
// what several packages have found, and [Split] takes an error apart again.
//
// The package is pure: it reads what an [fs.FS] gives it.
package content

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Reader reads the files of a folder and gathers what is wrong with them. It
// may be used by several goroutines at once.
type Reader struct {
	fsys fs.FS

	mu     sync.Mutex
	faults Faults
}

// NewReader returns a reader of the files in fsys.
func NewReader(fsys fs.FS) *Reader { return &Reader{fsys: fsys} }

// Err returns the [Faults] found so far, sorted; nil if there are none.
func (r *Reader) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.faults.Err()
}

// Fault adds a fault; the line is 0 if it is not known.
func (r *Reader) Fault(file string, line int, format string, args ...any) {
	r.Add(Fault{File: file, Line: line, Reason: fmt.Sprintf(format, args...)})
}

// Add adds faults that were found elsewhere or that have a hint.
func (r *Reader) Add(faults ...Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults = append(r.faults, faults...)
}

// Dir returns the entries of a folder by name; none if it is not there, which
// is no fault.
func (r *Reader) Dir(dir string) []fs.DirEntry {
	entries, err := fs.ReadDir(r.fsys, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.unreadable(dir, err)
	}
	return entries
}

// Exists says whether there is a file or folder of this name.
func (r *Reader) Exists(name string) bool {
	_, err := fs.Stat(r.fsys, name)
	return !errors.Is(err, fs.ErrNotExist)
}

func (r *Reader) unreadable(name string, err error) {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err // the rest repeats the name, or tells where the folder lies on this machine
	}
	r.Fault(name, 0, "cannot be read: %v", err)
}

// Text returns a text file without its byte order mark and with \n at the ends
// of its lines. It is false if the file cannot be read or is not UTF-8, which is
// a fault.
func (r *Reader) Text(file string) (string, bool) {
	data, err := fs.ReadFile(r.fsys, file)
	if err != nil {
		r.unreadable(file, err)
		return "", false
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		r.Fault(file, invalidLine(data), "is not UTF-8")
		return "", false
	}
	text := string(data)
	if strings.IndexByte(text, '\r') >= 0 {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	return text, true
}

// invalidLine returns the line of the first byte that is not UTF-8.
func invalidLine(data []byte) int {
	for i := 0; i < len(data); {
		c, n := utf8.DecodeRune(data[i:])
		if c == utf8.RuneError && n == 1 {
			return 1 + bytes.Count(data[:i], []byte("\n"))
		}
		i += n
	}
	return 0
}

// Line is a line of a file, without the spaces around it.
type Line struct {
	Number int // from 1
	Text   string
}

// Lines reads a file that has one entry a line. Empty lines and comments, which
// begin with #, do not count. A file without any entry is a fault.
func (r *Reader) Lines(file string) []Line {
	text, ok := r.Text(file)
	if !ok {
		return nil
	}
	lines := make([]Line, 0, 1+strings.Count(text, "\n"))
	for n, rest := 1, text; rest != ""; n++ {
		var s string
		s, rest, _ = strings.Cut(rest, "\n")
		if s = strings.TrimSpace(s); s != "" && s[0] != '#' {
			lines = append(lines, Line{n, s})
		}
	}
	if len(lines) == 0 {
		r.Fault(file, 1, emptyFile)
	}
	return slices.Clip(lines)
}

const emptyFile = "the file is empty"

// Page is a text with front matter.
type Page struct {
	*Document // the front matter
	// Body is what follows it, and BodyLine the number of its first line.
	Body     string
	BodyLine int
}

const fence = "---\n"

// Page reads a file that begins with front matter, YAML between two lines ---,
// which is read strictly into v. OK tells whether both parts are there and right.
func (r *Reader) Page(file string, v any) Page {
	p := Page{Document: &Document{reader: r, file: file}}
	text, ok := r.Text(file)
	if !ok {
		return p
	}
	head, body, ok := strings.Cut(text, "\n"+fence)
	if !ok || !strings.HasPrefix(text, fence) {
		r.Fault(file, 1, "the front matter between two lines --- is missing")
		return p
	}
	p.Body, p.BodyLine = body, 3+strings.Count(head, "\n")
	// The first line --- is where a YAML document begins: the lines stay what they are.
	p.Document = r.document(file, head+"\n", "the front matter is empty", v)
	return p
}
