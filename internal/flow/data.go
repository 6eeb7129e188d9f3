package flow

// Data of the buttons that are good at any time, and of the one that does nothing.
const (
	DataTopic    = "t/" // + topic: show the article
	DataContacts = "c/" // + topic: show who helps with it
	DataFlow     = "f/" // + flow: start it
	DataRate     = "r/" // + "y/" or "n/" + topic: the article helped, or did not
	DataQuestion = "q/" // + "answer/", "keep/", "no/" or "none/" + [Question.Key]: what becomes of the question
	DataLanguage = "l/" // + tag: go on in that language
	DataNone     = "x"
)

// What may become of a question, as the data of a button begins; [Question.Key] follows.
const (
	KeepAnswer = DataQuestion + "answer/" // it is kept, and the answer is wanted
	Keep       = DataQuestion + "keep/"   // it is kept
	KeepNot    = DataQuestion + "no/"     // it is forgotten
	NoneOf     = DataQuestion + "none/"   // none of the topics that were offered is meant
)

// dataPage begins the id of a button that turns to another page of a list.
const dataPage = ">"

// TopicData is the data of a button that shows an article.
func TopicData(topic string) string { return DataTopic + topic }

// ContactsData is the data of a button that shows who helps with a topic.
func ContactsData(topic string) string { return DataContacts + topic }

// RateData is the data of a button that rates the article of a topic.
func RateData(topic string, helpful bool) string {
	if helpful {
		return DataRate + "y/" + topic
	}
	return DataRate + "n/" + topic
}

// FlowData is the data of a button that starts a flow.
func FlowData(id string) string { return DataFlow + id }

// LanguageData is the data of a button that goes on in another language.
func LanguageData(tag string) string { return DataLanguage + tag }

// buttonData is the data of a choice of a step.
func buttonData(s *StepDef, id string) string { return s.flow.ID + "/" + s.ID + "/" + id }
