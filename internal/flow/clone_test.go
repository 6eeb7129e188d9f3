package flow

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// filled gives every field of a state, whatever it will have, a value that is
// not zero.
func filled(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		filled(v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		filled(key)
		filled(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			filled(v.Field(i))
		}
	default:
		panic("a state has a field of a kind that this test does not know: " + v.Type().String())
	}
}

// shared lists what two values of one type have in common in memory.
func shared(path string, a, b reflect.Value) (out []string) {
	switch a.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if a.Pointer() == b.Pointer() {
			return []string{path}
		}
	}
	switch a.Kind() {
	case reflect.Pointer:
		return shared(path, a.Elem(), b.Elem())
	case reflect.Slice:
		for i := range a.Len() {
			out = append(out, shared(path+"[]", a.Index(i), b.Index(i))...)
		}
	case reflect.Map:
		for _, k := range a.MapKeys() {
			out = append(out, shared(path+"[]", a.MapIndex(k), b.MapIndex(k))...)
		}
	case reflect.Struct:
		for i := range a.NumField() {
			out = append(out, shared(path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))...)
		}
	}
	return out
}

// Step must not change its argument, so the state that it works on has nothing
// in common with it: no field that there is, and none that is yet to come.
func TestACloneSharesNothingWithItsState(t *testing.T) {
	var st State
	filled(reflect.ValueOf(&st).Elem())
	c := st.clone()
	if diff := cmp.Diff(st, c); diff != "" {
		t.Errorf("the clone is another (-want +got):\n%s", diff)
	}
	if got := shared("State", reflect.ValueOf(st), reflect.ValueOf(c)); len(got) > 0 {
		t.Errorf("shared with the clone: %q", got)
	}
}
