package main

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"iqbot/internal/store"
)

// A person gets all that is stored of them: whichever field of it changes, and
// whatever fields there will be, what they get changes too, unless it is said here
// why it is not about them.
func TestTheExportLeavesNothingOut(t *testing.T) {
	notPersonal := map[string]string{
		"Dialogue.Schema": "the version of the form in which it is stored",
		"Dialogue.Flows":  "the version of the flows",
	}
	var all store.Export
	v := reflect.ValueOf(&all).Elem()
	filled(v)
	print := func() string {
		text, err := json.Marshal(readable(all))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	before, checked := print(), map[string]bool{}
	eachLeaf(v, "", func(path string) {
		checked[path] = true
		if same := print() == before; same && notPersonal[path] == "" {
			t.Errorf("%s is not in the export, and it is not said why", path)
		} else if !same && notPersonal[path] != "" {
			t.Errorf("%s is said to be left out, and is in the export", path)
		}
	})
	for path := range notPersonal {
		if !checked[path] {
			t.Errorf("%s is not stored", path)
		}
	}
	if after := print(); after != before || len(checked) < 50 {
		t.Errorf("this test checks nothing: %d fields, %q", len(checked), slices.Sorted(maps.Keys(checked)))
	}
}

// filled gives v, and all that is in it, a value that is not zero; lists get one entry.
func filled(v reflect.Value) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Unix(1.8e9, 0).UTC()))
		return
	}
	switch v.Kind() {
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
		change(v)
	}
}

// change gives a plain value another.
func change(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Uint8:
		v.SetUint(v.Uint() + 1)
	case reflect.Float64:
		v.SetFloat(v.Float() + 1)
	default:
		panic("what is stored has a field of a kind that this test does not know: " + v.Type().String())
	}
}

// eachLeaf changes the plain values in v, one at a time, and tells look of each
// while it is changed.
func eachLeaf(v reflect.Value, path string, look func(path string)) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		old := v.Interface()
		v.Set(reflect.ValueOf(v.Interface().(time.Time).Add(time.Hour)))
		look(path)
		v.Set(reflect.ValueOf(old))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		eachLeaf(v.Elem(), path, look)
	case reflect.Slice:
		eachLeaf(v.Index(0), path, look)
	case reflect.Map:
		key := v.MapKeys()[0]
		value := reflect.New(v.Type().Elem()).Elem()
		value.Set(v.MapIndex(key))
		eachLeaf(value, path, func(path string) { // a value in a map cannot be changed in place
			old := v.MapIndex(key)
			v.SetMapIndex(key, value)
			look(path)
			v.SetMapIndex(key, old)
		})
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if path != "" {
				name = path + "." + name
			}
			eachLeaf(v.Field(i), name, look)
		}
	default:
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		change(v)
		look(path)
		v.Set(old)
	}
}
