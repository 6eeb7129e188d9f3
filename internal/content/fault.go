package content

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Fault is one thing that is wrong with the content, in words for the editor
// who has to put it right.
type Fault struct {
	// File is below the folder that was read. If empty, the fault is of no one file.
	File string
	// Line is counted from 1. If zero, it is not known.
	Line int
	// Reason says what is wrong, in lower case and without a full stop.
	Reason string
	// Hint is the cure. If empty, there is none to name.
	Hint string
}

// Error returns "file:line: reason (hint)" without the parts that are not known.
func (f Fault) Error() string {
	s := f.Reason
	switch {
	case f.File != "" && f.Line > 0:
		s = fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Reason)
	case f.File != "":
		s = f.File + ": " + f.Reason
	}
	if f.Hint != "" {
		s += " (" + f.Hint + ")"
	}
	return s
}

func (f Fault) compare(g Fault) int {
	return cmp.Or(strings.Compare(f.File, g.File), cmp.Compare(f.Line, g.Line), strings.Compare(f.Reason, g.Reason), strings.Compare(f.Hint, g.Hint))
}

// Faults is everything that was found to be wrong. As an error it is one line
// for each; [errors.As] finds the first [Fault] in it, and the whole list.
type Faults []Fault

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the faults.
func (fs Faults) Unwrap() []error {
	errs := make([]error, len(fs))
	for i, f := range fs {
		errs[i] = f
	}
	return errs
}

// Sorted returns the faults by file, line and reason, each once.
func (fs Faults) Sorted() Faults {
	return slices.Compact(slices.SortedFunc(slices.Values(fs), Fault.compare))
}

// Err returns the faults, sorted, as an error; nil if there are none.
func (fs Faults) Err() error {
	if len(fs) == 0 {
		return nil
	}
	return fs.Sorted()
}

// In returns the faults with the name of a folder before that of each file, as
// somebody sees them who stands above the folder that was read.
func (fs Faults) In(folder string) Faults {
	out := slices.Clone(fs)
	for i, f := range out {
		if f.File != "" {
			out[i].File = path.Join(folder, f.File)
		}
	}
	return out
}

// In is [Faults.In] for the faults in an error; what else is in it stays as it is.
func In(folder string, err error) error {
	faults, others := Split(err)
	return Join(append(others, faults.In(folder))...)
}

// Join makes one error of several: the faults in all of them, sorted, and
// behind them what is no fault. It is nil if nothing is wrong.
func Join(errs ...error) error {
	var faults Faults
	var others []error
	for _, err := range errs {
		f, o := Split(err)
		faults, others = append(faults, f...), append(others, o...)
	}
	if len(others) == 0 {
		return faults.Err()
	}
	return errors.Join(append([]error{faults.Err()}, others...)...)
}

// Split takes an error apart: the faults that it joins or wraps, in their
// order, and the errors that hold none. A wrapper that says what was attempted
// gives way to the faults in it.
func Split(err error) (faults Faults, others []error) {
	switch e := err.(type) { //nolint:errorlint // every layer of the error is looked at, from the outside in
	case nil:
		return nil, nil
	case Fault:
		return Faults{e}, nil
	case Faults:
		return slices.Clone(e), nil
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			f, o := Split(inner)
			faults, others = append(faults, f...), append(others, o...)
		}
		return faults, others
	}
	if inner := errors.Unwrap(err); inner != nil {
		if faults, others = Split(inner); len(faults) > 0 {
			return faults, others
		}
	}
	return nil, []error{err}
}
