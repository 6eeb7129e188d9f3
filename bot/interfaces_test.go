package bot_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path"
	"strings"
	"testing"
)

// The interfaces of package bot say what bot needs from outside. What bot never
// calls is somebody else's need, and stands where it is used.
func TestInterfacesHaveNoMethodThatIsNotCalled(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	fset, files := token.NewFileSet(), []*ast.File(nil)
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, e.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	unused := unusedMethods(t, fset, files)
	for _, m := range unused {
		t.Errorf("bot never calls %s", m)
	}
}

func TestUnusedMethodsAreFound(t *testing.T) {
	const source = `package p
import "context"
type Store interface { Load(context.Context) error; Never(); Given(); Close() }
type other interface { Never() }
type engine struct { store Store }
func (e *engine) run(ctx context.Context, o other) func() {
	o.Never()
	if e.store.Load(ctx) != nil { defer e.store.Close() }
	return e.store.Given
}`
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(unusedMethods(t, fset, []*ast.File{f}), " "); got != "Store.Never" {
		t.Errorf("unused: %q, want Store.Never", got)
	}
}

// unusedMethods lists the methods of the exported interfaces of a package that
// its own code does not use. Imported packages are not looked into: they cannot
// say anything about a method of this one.
func unusedMethods(t *testing.T, fset *token.FileSet, files []*ast.File) (unused []string) {
	t.Helper()
	info := &types.Info{Selections: map[*ast.SelectorExpr]*types.Selection{}}
	config := types.Config{Importer: blind{}, Error: func(error) {}} // errors are about what is imported
	pkg, _ := config.Check(files[0].Name.Name, fset, files, info)
	used := map[types.Object]bool{}
	for _, s := range info.Selections {
		used[s.Obj()] = true
	}
	interfaces := 0
	for _, name := range pkg.Scope().Names() {
		object, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || !object.Exported() {
			continue
		}
		i, ok := object.Type().Underlying().(*types.Interface)
		if !ok {
			continue
		}
		interfaces++
		for m := range i.ExplicitMethods() {
			if !used[m] {
				unused = append(unused, name+"."+m.Name())
			}
		}
	}
	if interfaces == 0 {
		t.Fatal("there is no interface to look at")
	}
	return unused
}

// blind imports every package as an empty one.
type blind struct{}

func (blind) Import(name string) (*types.Package, error) {
	p := types.NewPackage(name, path.Base(name))
	p.MarkComplete()
	return p, nil
}
