package flow

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	exprparser "github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// Condition is a checked expression over the variables and flags.
type Condition struct {
	Source  string
	program *vm.Program
}

// pendingCondition is compiled when the variables of all flows are known.
type pendingCondition struct {
	flow *Flow
	line int
	cond *Condition
}

func (p *parser) condition(f *Flow, line int, source string) *Condition {
	if source == "" {
		return nil
	}
	c := &Condition{Source: source}
	p.conds = append(p.conds, pendingCondition{flow: f, line: line, cond: c})
	return c
}

// compile checks and prepares the conditions, with every declared variable and flag in scope.
func (p *parser) compile() {
	scope := map[string]any{VarLanguage: ""}
	for v, t := range p.def.vars {
		scope[v] = t.value("")
	}
	for _, flag := range p.lists.Flags {
		scope[flag] = false
	}
	for _, c := range p.conds {
		if constant(c.cond.Source) {
			p.reader.Fault(c.flow.File, c.line, "condition %q asks for no variable or fact: it is always the same", c.cond.Source)
			continue
		}
		program, err := expr.Compile(c.cond.Source, expr.Env(scope), expr.AsBool(), expr.DisableAllBuiltins())
		if err != nil {
			reason, _, _ := strings.Cut(err.Error(), "\n")
			p.reader.Fault(c.flow.File, c.line, "condition %q: %s", c.cond.Source, reason)
			continue
		}
		c.cond.program = program
	}
}

// constant says whether an expression names nothing that could change it. One
// that cannot be parsed is not constant: compiling tells what is wrong.
func constant(source string) bool {
	_, err := exprparser.Parse(source)
	return err == nil && len(namesIn(source)) == 0
}

// namesIn lists the variables and flags that an expression names; none if it cannot be parsed.
func namesIn(source string) []string {
	tree, err := exprparser.Parse(source)
	if err != nil {
		return nil
	}
	var found identifiers
	ast.Walk(&tree.Node, &found)
	return found
}

// identifiers gathers the names in an expression.
type identifiers []string

// Visit implements ast.Visitor.
func (n *identifiers) Visit(node *ast.Node) {
	if id, ok := (*node).(*ast.IdentifierNode); ok {
		*n = append(*n, id.Value)
	}
}

// holds evaluates a condition; nil always holds. Variables that were not set
// are empty, and a flag that the environment does not give is off.
func (c *Condition) holds(def *Definition, st State, env Env) (bool, error) {
	if c == nil {
		return true, nil
	}
	scope := map[string]any{VarLanguage: st.Language}
	for v, t := range def.vars {
		scope[v] = t.value(st.Vars[v])
	}
	for _, flag := range def.flags {
		scope[flag] = env.Flags[flag]
	}
	out, err := expr.Run(c.program, scope)
	if err != nil {
		// The error of the library may quote what a person wrote.
		return false, fmt.Errorf("condition %q cannot be told from the answers", c.Source)
	}
	yes, ok := out.(bool)
	if !ok {
		return false, fmt.Errorf("condition %q gave %T, want bool", c.Source, out)
	}
	return yes, nil
}

// source is the words of a condition; "" if there is none.
func (c *Condition) source() string {
	if c == nil {
		return ""
	}
	return c.Source
}
