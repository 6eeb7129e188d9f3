package bot

import "iqbot/internal/flow"

// The messages that this package itself uses.
const (
	msgError          = "engine.error"
	msgLink           = "engine.link"
	msgSeveral        = "answer.several"
	msgUnknown        = "answer.unknown"
	msgOther          = "answer.other"
	msgSource         = "answer.source"
	msgAsOf           = "answer.as-of"
	msgRetrieved      = "answer.retrieved"
	msgHuman          = "menu.human"
	msgMenu           = flow.MsgMenu
	msgAddresses      = "answer.addresses"
	msgKept           = "answer.kept"
	msgContinue       = "language.continue"
	msgCaseOpened     = "handoff.opened"
	msgLate           = "handoff.late"
	msgTooManyOpen    = "handoff.too-many-open"
	msgTooManyToday   = "handoff.too-many-today"
	msgLocal          = "contacts.local"
	msgNationwide     = "contacts.nationwide"
	msgNationwideOnly = "contacts.nationwide-only"
	msgEmail          = "contacts.email"
	msgPhone          = "contacts.phone"
	msgWebsite        = "contacts.website"
	msgHours          = "contacts.hours"
	msgLanguages      = "contacts.languages"
	msgContactAsOf    = "contacts.as-of"
	msgContactOld     = "contacts.old"
	msgContactUndated = "contacts.undated"
	msgChecked        = "contacts.checked"
	msgExport         = "export.file"
	msgFlood          = "engine.flood"
	msgListSeparator  = "contacts.list-separator"
	msgMachine        = "status.machine"
	msgReviewed       = "status.reviewed"
	msgAssistNote     = "assistant.note"
	msgAssistFull     = "assistant.full"
	msgAssistPrivacy  = "assistant.privacy"
	msgAssistNotice   = "assistant.notice"
	msgAssistNumbers  = "assistant.numbers"
	msgAssistMoney    = "assistant.money"
	msgAssistFree     = "assistant.free"

	msgConsent      = "feedback.consent"
	msgSorry        = "feedback.sorry"
	msgQuestionKept = "feedback.kept"
	msgKeptAnswer   = "feedback.kept-answer"
	msgAnswerToYou  = "feedback.answer"

	msgDescription      = "bot.description"
	msgShortDescription = "bot.short-description"
)

// shareLabels are the labels of the buttons that share something, by what they share.
var shareLabels = map[string]string{flow.ShareLocation: "engine.share-location", flow.ShareContact: "engine.share-contact"}

// paramTextStatus is a placeholder that every message may have: whether a
// person has reviewed the texts of the language.
const paramTextStatus = "TextStatus"

// paramQuestion is the placeholder of a person's own question.
const paramQuestion = "Question"

// ownMessages are all of the above, for the check of the catalogue.
var ownMessages = []string{
	shareLabels[flow.ShareLocation], shareLabels[flow.ShareContact],
	msgError, msgLink, msgSeveral, msgUnknown, msgOther, msgSource, msgAsOf, msgRetrieved, msgHuman, msgMenu, msgAddresses, msgKept, msgContinue, msgCaseOpened, msgLate, msgTooManyOpen, msgTooManyToday,
	msgLocal, msgNationwide, msgNationwideOnly, msgEmail, msgPhone, msgWebsite, msgHours, msgLanguages,
	msgContactAsOf, msgContactOld, msgContactUndated, msgChecked, msgListSeparator, msgExport, msgFlood, msgMachine, msgReviewed, msgDescription, msgShortDescription,
	msgConsent, msgSorry, msgQuestionKept, msgKeptAnswer, msgAnswerToYou,
	msgAssistNote, msgAssistFull, msgAssistPrivacy, msgAssistNotice, msgAssistNumbers, msgAssistMoney, msgAssistFree,
}
