package flow

// Messages that the engine itself uses.
const (
	MsgStale       = "engine.stale"         // a button of an earlier message was pressed
	MsgUnsupported = "engine.unsupported"   // a photo, a document, a voice message …
	MsgMoved       = "engine.moved"         // the step does not exist any more
	MsgInvalid     = "engine.invalid"       // an answer that does not fit, where the step has no message of its own
	MsgChoose      = "engine.choose"        // several places fit
	MsgHelp        = "engine.help"          // help for a person who does not get on, where the step has none of its own
	MsgHuman       = "engine.human"         // offers a human to a person who does not get on
	MsgNoBack      = "engine.no-back"       // there is nothing to go back to
	MsgPrevious    = "engine.previous"      // button: the page before
	MsgNext        = "engine.next"          // button: the page after
	MsgTalk        = "menu.human"           // button: to the flow Handoff
	MsgLanguage    = "language.changed"     // the dialogue goes on in another language
	MsgReturning   = "engine.returning"     // the person was here before, but nothing is stored any more
	MsgHelpful     = "feedback.helpful"     // button: the answer helped
	MsgUnhelpful   = "feedback.unhelpful"   // button: it did not
	MsgKeepAnswer  = "feedback.keep-answer" // button: the question may be kept, and the answer is wanted
	MsgKeep        = "feedback.keep"        // button: the question may be kept
	MsgKeepNot     = "feedback.keep-not"    // button: it may not
	MsgNoneOf      = "feedback.none"        // button: none of the topics offered is meant
)

// EngineMessages are the message ids that Step may use on its own.
func EngineMessages() []string {
	return []string{MsgStale, MsgUnsupported, MsgMoved, MsgInvalid, MsgChoose, MsgReturning, MsgHelp, MsgHuman, MsgNoBack, MsgPrevious, MsgNext, MsgTalk, MsgLanguage, MsgHelpful, MsgUnhelpful, MsgKeepAnswer, MsgKeep, MsgKeepNot, MsgNoneOf}
}
