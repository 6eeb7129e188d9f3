package flow

import (
	"strconv"
	"strings"
)

// VarType is what a variable holds: one of these types, or the name of a [Lookup].
type VarType string

// The types of variables.
const (
	VarText   VarType = "text"   // anything
	VarNumber VarType = "number" // such as "12" or "2.5"; a number in conditions, 0 if it is not set
	VarDate   VarType = "date"   // such as "2026-11-24"
)

// varTypes is every type of variable, with those that are looked up.
func (l Lists) varTypes() []string {
	return append([]string{string(VarText), string(VarNumber), string(VarDate)}, l.Lookups...)
}

// companion is the variable that holds the name of what variable v holds the id of.
func companion(v string) string { return v + "_name" }

// VarLanguage is the variable that holds the language of the dialogue; saving
// into it switches the language.
const VarLanguage = "language"

// VarUsername is the variable that holds the person's public name on the
// platform; it is read only and never stored with the state.
const VarUsername = "username"

// value is a stored variable as a condition sees it; "" is one that is not set.
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

// assign gives a variable a value from a flow file, an option or a link. What
// is looked up may be named there by its id or in words.
func (r *run) assign(f *Flow, name, value string) {
	t := f.Vars[name]
	if !r.def.isLookup(t) || value == "" {
		r.save(name, value, "")
		return
	}
	if o, ok := r.get(string(t), value); ok {
		r.save(name, o.ID, o.Label)
		return
	}
	if found := r.find(string(t), strings.ReplaceAll(value, "-", " ")); len(found) > 0 {
		r.save(name, found[0].ID, found[0].Label)
		return
	}
	r.save(name, "", "")
}

// save sets a variable; an empty value removes it.
func (r *run) save(name, value, label string) {
	if name == VarLanguage {
		if r.env.Languages(value) {
			r.speak(value)
		}
		return
	}
	if value == "" {
		delete(r.st.Vars, name)
		delete(r.st.Vars, companion(name))
		return
	}
	r.st.Vars[name] = value
	if label != "" {
		r.st.Vars[companion(name)] = label
	}
}

// speak makes tag the dialogue's language, in whatever way it was chosen. What
// was foreign to the one before need not be to this one, and what was looked up
// gets its name in it, unless it was called by another name than its own.
func (r *run) speak(tag string) {
	named := map[string]string{} // variable -> look-up
	for v, t := range r.def.vars {
		if !r.def.isLookup(t) {
			continue
		}
		if o, ok := r.get(string(t), r.st.Vars[v]); ok && o.Label == r.st.Vars[companion(v)] {
			named[v] = string(t)
		}
	}
	r.st.Language = tag
	r.st.Foreign = nil
	for v, lookup := range named {
		if o, ok := r.get(lookup, r.st.Vars[v]); ok {
			r.st.Vars[companion(v)] = o.Label
		}
	}
}
