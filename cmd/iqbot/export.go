package main

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"iqbot/bot"
	"iqbot/internal/flow"
	"iqbot/internal/store"
)

// exported is what a person gets of a [store.Export]: the same, with the
// dialogue in words in place of its short form.
type exported struct {
	store.Export
	Dialogue exportedDialogue `json:"dialogue"`
}

type exportedDialogue struct {
	Language string            `json:"language"`
	Steps    []string          `json:"steps"` // where the dialogue has waited, and last where it stands
	Answers  map[string]string `json:"answers"`
	Topic    string            `json:"topic,omitempty"` // of what was shown last
	Before   *flow.Input       `json:"written_before_language,omitempty"`
	Question *exportedQuestion `json:"last_question,omitempty"` // waits for consent, or for a rating of its answer
	// Foreign counts questions in other languages than the dialogue's.
	Foreign map[string]int `json:"questions_in_other_languages,omitempty"`
	// Rated are the messages, or the topics, that were rated last, and Pressed is the
	// button that was pressed last and its message, so that a second tap is recognised.
	Rated   []string `json:"rated,omitempty"`
	Pressed string   `json:"last_button,omitempty"`
	// Unasked says that the person did not want a question to be kept.
	Unasked bool           `json:"does_not_want_questions_kept,omitempty"`
	Misses  int            `json:"answers_in_a_row_that_did_not_fit,omitempty"`
	Page    int            `json:"page_of_the_list,omitempty"`
	Heard   exportedHeard  `json:"last_message,omitzero"`
	Sent    exportedAmount `json:"amount_sent"`
}

// exportedHeard is by what the message that was written last is known when it is
// changed, or followed by more of what was sent with it.
type exportedHeard struct {
	Message  string    `json:"number"`
	Words    string    `json:"check_of_words,omitempty"`
	Album    string    `json:"album,omitempty"`
	Unread   string    `json:"not_read,omitempty"`
	UnreadAt time.Time `json:"not_read_at,omitzero"`
}

type exportedQuestion struct {
	Words     string   `json:"words"`
	Language  string   `json:"language"`
	Topics    []string `json:"answered_with,omitempty"`
	Unhelpful string   `json:"of_no_help,omitempty"`
	Offered   bool     `json:"asked_for_consent"`
}

// exportedAmount is how much of what a person may send they have used up.
type exportedAmount struct {
	Used float64   `json:"used"`
	At   time.Time `json:"at"`
	Told time.Time `json:"told_to_slow_down,omitzero"`
}

// exporter gives a person what is stored of them as readable JSON.
func exporter(s *store.Store) func(context.Context, bot.ChatID) ([]byte, error) {
	return func(ctx context.Context, chat bot.ChatID) ([]byte, error) {
		all, err := s.Export(ctx, chat)
		if err != nil {
			return nil, err
		}
		return json.MarshalIndent(readable(all), "", "  ")
	}
}

// readable puts the dialogue into words. What is left out of it is not about
// the person; TestTheExportLeavesNothingOut lists it.
func readable(all store.Export) exported {
	st := all.Dialogue
	d := exportedDialogue{
		Language: st.Language, Answers: st.Vars, Topic: st.About, Before: st.Pending, Foreign: st.Foreign,
		Rated: st.Rated, Pressed: st.Pressed, Unasked: st.Unasked, Misses: st.Misses, Page: st.Page,
		Heard: exportedHeard{Message: st.Heard.Message, Words: st.Heard.Words, Album: st.Heard.Album, Unread: st.Heard.Sent, UnreadAt: since1970(st.Heard.At)},
		Sent:  exportedAmount{Used: st.Allowance.Used, At: since1970(st.Allowance.At), Told: since1970(st.Allowance.Noticed)},
	}
	if q := st.Question; q != nil {
		d.Question = &exportedQuestion{Words: q.Words, Language: q.Language, Topics: q.Topics, Unhelpful: q.Unhelpful, Offered: q.Offered}
	}
	for _, fr := range slices.Concat(st.History, st.Stack) {
		d.Steps = append(d.Steps, fr.Flow+"/"+fr.Step)
	}
	return exported{Export: all, Dialogue: d}
}

// since1970 is a time in seconds since 1970; 0 is none.
func since1970(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
