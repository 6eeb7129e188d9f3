package flow

import (
	"strconv"
	"strings"
)

// VarType is what a variable holds.
type VarType string

// The types of variables.
const (
	VarText   VarType = "text"   // anything
	VarPlace  VarType = "place"  // district id; the place's name is in <name>_name
	VarNumber VarType = "number" // such as "12" or "2.5"; a number in conditions, 0 if it is not set
	VarDate   VarType = "date"   // such as "2026-11-24"
)

// VarLanguage is the variable that holds the language of the dialogue; saving
// into it switches the language.
const VarLanguage = "language"

// VarUsername is the variable that holds the person's public name on the
// platform; it is read only and never stored with the state.
const VarUsername = "username"

// zero is what a variable of the type holds in a condition before it is set.
func (t VarType) zero() any { return t.value("") }

// value is a stored variable as a condition sees it.
func (t VarType) value(stored string) any {
	if t != VarNumber {
		return stored
	}
	n, err := strconv.ParseFloat(stored, 64)
	if err != nil {
		return 0.0
	}
	return n
}

// value resolves a literal or $variable.
func (r *run) value(v string) string {
	name, ok := strings.CutPrefix(v, "$")
	switch {
	case !ok:
		return v
	case name == VarLanguage:
		return r.st.Language
	case name == VarUsername:
		return r.env.Username
	default:
		return r.st.Vars[name]
	}
}

func (r *run) values(m map[string]string) map[string]string {
	if m == nil {
		return nil
	}
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = r.value(v)
	}
	return out
}

func (r *run) setAll(f *Flow, set map[string]string) {
	for _, name := range sortedKeys(set) {
		r.assign(f, name, r.value(set[name]))
	}
}

// assign gives a variable a value from a flow file, an option or a link; a
// place is looked up, because those name it in words.
func (r *run) assign(f *Flow, name, value string) {
	if f.Vars[name] == VarPlace && value != "" {
		if label := r.env.Place(value); label != "" {
			r.save(name, value, label)
			return
		}
		if places := r.env.Places(strings.ReplaceAll(value, "-", " "), r.st); len(places) > 0 {
			r.save(name, places[0].ID, places[0].Label)
			return
		}
		value = ""
	}
	r.save(name, value, "")
}

// save sets a variable; an empty value removes it.
func (r *run) save(name, value, label string) {
	if name == VarLanguage {
		if r.env.Languages(value) {
			r.st.Language = value
			r.st.Foreign = nil
		}
		return
	}
	if value == "" {
		delete(r.st.Vars, name)
		delete(r.st.Vars, name+"_name")
		return
	}
	r.st.Vars[name] = value
	if label != "" {
		r.st.Vars[name+"_name"] = label
	}
}
