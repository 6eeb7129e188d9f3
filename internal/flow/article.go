package flow

// articleStep shows an article.
type articleStep struct {
	Topic string `yaml:"article"` // or $variable
}

func (a *articleStep) uses() uses {
	return uses{topics: []string{a.Topic}, values: []reference{{name: a.Topic}}, about: a.Topic}
}

func (a *articleStep) check(in *inStep) { in.needsNext() }

func (a *articleStep) enter(r *run, s *StepDef) error {
	r.effect(EffectArticle, map[string]string{"topic": r.value(a.Topic)})
	return r.next(s)
}
