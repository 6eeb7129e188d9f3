package flow

// Effect is something that the runtime does and answers.
type Effect struct {
	Kind EffectKind
	Args map[string]string
}

// EffectKind tells the effects apart.
type EffectKind string

// The effects.
const (
	EffectAnswer   EffectKind = "answer"         // Args: question
	EffectArticle  EffectKind = "article"        // Args: topic
	EffectTalk     EffectKind = "talk"           // Args: kind, lang (of the words)
	EffectContacts EffectKind = "contacts"       // Args: topic, place, land, abroad
	EffectOpenCase EffectKind = "open-case"      // Args: topic, place, words, reach, address
	EffectDelete   EffectKind = "delete-data"    // no Args
	EffectExport   EffectKind = "export-data"    // no Args
	EffectWithdraw EffectKind = "withdraw-cases" // no Args
	EffectRate     EffectKind = "rate"           // Args: topic, helpful ("yes" or "no")
	EffectKeep     EffectKind = "keep-question"  // Args: answer ("yes" if it is wanted)
	EffectNone     EffectKind = "none-of-these"  // no Args: the question fits no topic that was offered
)

// LandHome is the land of a contacts effect that stands for the Land that the
// service is made for.
const LandHome = "home"

func (r *run) effect(kind EffectKind, args map[string]string) {
	r.out = append(r.out, Out{Effect: &Effect{Kind: kind, Args: args}})
}
