package bot

import "sync/atomic"

// Stats counts what happened since the start. Read it with [Engine.Stats].
type Stats struct {
	Updates    atomic.Int64 // handled
	Duplicates atomic.Int64 // delivered again after they had taken effect
	Floods     atomic.Int64 // not handled, because the person sent too many
	PassedOver atomic.Int64 // edits of no new words, and the rest of what was sent at once
	Busy       atomic.Int64 // refused, because too many people sent at once
	Timers     atomic.Int64 // dialogues that went on by themselves
	Conflicts  atomic.Int64 // steps run again
	Unreadable atomic.Int64 // dialogues that had to begin anew
	Hopeless   atomic.Int64 // updates that were given up, because what is stored of their chat is damaged
	Apologies  atomic.Int64 // updates that met a defect of ours
	Cases      atomic.Int64 // opened
	Refused    atomic.Int64 // cases that were not opened, because the person had too many
	Questions  atomic.Int64 // kept for the editors
	Helpful    atomic.Int64 // ratings of answers that helped
	Unhelpful  atomic.Int64 // ratings of those that did not
	Crises     atomic.Int64 // people who were told where to get help in a crisis
	Sent       atomic.Int64 // messages that the platform took
	Retries    atomic.Int64 // tries to send that failed and are repeated
	Unknown    atomic.Int64 // sends whose outcome is not known
	Dropped    atomic.Int64 // messages that could never be delivered

	DecorationsDropped atomic.Int64 // marks and typing signs for which there was no time
	DecorationsFailed  atomic.Int64 // those that the platform did not take

	Asked      atomic.Int64 // questions for which the assistant was asked
	Unassisted atomic.Int64 // of these, those it could not help with
	Breaches   atomic.Int64 // of these, replies that were not kept to the article
}

func (s *Stats) feedback(c Commit) {
	s.Questions.Add(int64(len(c.Questions)))
	for _, r := range c.Ratings {
		if r.Helpful {
			s.Helpful.Add(1)
		} else {
			s.Unhelpful.Add(1)
		}
	}
}
