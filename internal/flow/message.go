package flow

// Messages that the engine itself uses.
const (
	MsgStale       = "engine.stale"         // a button of an earlier message was pressed
	MsgUnsupported = "engine.unsupported"   // something that cannot be read, of which nothing more is to be said
	MsgPicture     = "engine.picture"       // a picture or a file was sent
	MsgRecording   = "engine.recording"     // something to hear or to watch was sent
	MsgSticker     = "engine.sticker"       // a sticker or the like was sent
	MsgLocation    = "engine.location"      // a location was sent that was not asked for
	MsgContact     = "engine.contact"       // a contact was sent that was not asked for, or is not the person's own
	MsgOnlyWords   = "engine.only-words"    // of a picture with a caption, only the caption is read
	MsgMoved       = "engine.moved"         // the step does not exist any more
	MsgInvalid     = "engine.invalid"       // an answer that does not fit, where the step has no message of its own
	MsgChoose      = "engine.choose"        // several places fit
	MsgHelp        = "engine.help"          // help for a person who does not get on, where the step has none of its own
	MsgHuman       = "engine.human"         // offers a human to a person who does not get on
	MsgNoBack      = "engine.no-back"       // there is nothing to go back to
	MsgPrevious    = "engine.previous"      // button: the page before
	MsgNext        = "engine.next"          // button: the page after
	MsgTalk        = "menu.human"           // button: to the flow Handoff
	MsgMenu        = "common.menu"          // button: to the flow Home
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
	return []string{
		MsgStale, MsgUnsupported, MsgPicture, MsgRecording, MsgSticker, MsgLocation, MsgContact, MsgOnlyWords,
		MsgMoved, MsgInvalid, MsgChoose, MsgReturning, MsgHelp, MsgHuman, MsgNoBack, MsgPrevious, MsgNext, MsgTalk, MsgMenu,
		MsgLanguage, MsgHelpful, MsgUnhelpful, MsgKeepAnswer, MsgKeep, MsgKeepNot, MsgNoneOf,
	}
}
