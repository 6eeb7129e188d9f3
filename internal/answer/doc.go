// Package answer finds what answers a question in somebody's own words: a
// question goes in, an outcome comes out ([Index.Find]).
//
// # Rooms
//
// Behind this face there are rooms, each with its own package, which nobody else enters:
//
//	reading   takes a text apart, once, in the forms that all others compare
//	library   articles, facts, topics, and the reading of the files they stand in
//	hear      small talk and crises
//	tongue    which language a text is in
//	rank      which topic a question asks for
//	follow    the words of questions that go on with the topic before
//
// # Content
//
// A [Library] is loaded from a folder that staff and translators keep:
//
//	facts.yaml                          figures, addresses and names, each with its source
//	topics.yaml                         sources of each topic, related topics, what can be asked of any topic
//	talk.yaml                           the kinds of small talk and crises
//	<lang>/articles/<topic>.md          front matter and a short body
//	<lang>/articles/<topic>.questions.txt   ways of asking for it, one a line
//	<lang>/talk/<kind>.md               what is said to small talk, or in a crisis
//	<lang>/talk/<kind>.phrases.txt      the words by which it is recognised, one a line
//	<lang>/talk/fillers.txt             words that mean nothing in small talk
//	<lang>/other.questions.txt          questions off the subject, one a line; may be missing
//	<lang>/followups.yaml               words of questions that go on with a topic; may be missing
//
// An article is front matter and the small markup of package richtext:
//
//	---
//	title: "Was kostet die Anerkennung?"
//	reviewed: 2026-11-24
//	status: machine            # or reviewed, once a person has checked it
//	---
//	Die Gebühr liegt bei **{{fact "fee.ihk-fosa"}}**. Lines of a paragraph
//	are joined; an empty line ends it.
//	- A line of a list.
//	- [The finder]({{fact "url.recognition-finder"}}) is a link.
//
// A figure that can change stands once, in facts.yaml, and is written in the
// way of each language. No other digits, sums and addresses stand in a text,
// but those within a word (B1), of a law (§ 44) and in front of a list line (1.).
// How long something is kept comes from the settings: {{period "dialogue"}}, see [Periods].
// [Load] is strict: it reports every fault at once, with file and line, so
// that a wrong figure or a broken link is found before anybody reads it.
//
// Body is finished but for the direction of foreign words: the caller passes
// the whole message through locale.Printer.Finish.
//
// # Finding
//
// [Index.Find] gives one topic, a few to choose from, or an honest "unknown".
// It never makes up an answer. How a topic is found is told in package rank: each
// language has a model of its own, learned from its ways of asking when somebody first
// needs it, and then only read; there is no file to keep with it and no step
// that an editor could forget. The question need not be in the language of the dialogue:
// it is asked of the model of the language that it is in, if that can be told.
//
// Small talk and crises are asked for before: a crisis is heard wherever its words
// stand, small talk only if the whole message is that.
//
// # Follow-ups
//
// After an article on nurses, "and how much is that?" is a question on nurses,
// and [Index.FindAfter] answers it so: by the article, if that knows, else by the
// general one on what is asked. What can be asked of any topic stands in
// topics.yaml, its words in <lang>/followups.yaml.
//
// Measured on 2026-11-24 on testdata/followups.tsv (356 questions; without the
// topic, 8 to 25 % of them are answered rightly): 98 to 100 % of those that the
// lists were written with, 60 % of the 40 that came last when they were new; the
// others were mostly not understood, as without the topic. After a random topic,
// of 239 complete questions of testdata/dev.tsv 0.4 % fewer (Ukrainian 0.9 %) are
// answered rightly, and no more of those off the subject.
// # Cost
//
// A process that starts learns nothing. A language is learned when its first person
// comes, in the background, in about 0.2 s of one core, or 0.4 s if it is not the
// reference language. Measured on 30 November 2026 with languages made by exchanging
// letters in the ways of asking of those that there are, on 2 cores of a machine whose
// speed moved by half between runs; "before" is the release before, in the same hour.
// Start is "iqbot serve" until it is ready; question is "iqbot chat --lang de" with one
// question in German from a pipe, as a whole; RSS is the peak:
//
//	languages  start           CPU        RSS     question        CPU        RSS     before: question, CPU, RSS
//	4          0.13 to 0.20 s  0.2 s      62 MB   0.33 to 0.57 s  0.4-0.6 s  114 MB   3.0 s   3.1 s   160 MB
//	12         0.23 to 0.51 s  0.3-0.5 s  95 MB   0.47 to 0.70 s  0.7-1.0 s  159 MB  10.6 s  10.9 s   412 MB
//	40         0.61 to 1.0 s   0.9-1.4 s  169 MB  1.0 to 1.4 s    1.8-2.3 s  176 MB  46.5 s  47.7 s  1305 MB
//
// A question in another language than the reference takes 0.3 s longer, if it is the first. A
// language that is used takes 4.6 to 6.5 MB, one that is not less than 3 MB. With all
// learned, a question takes 0.20 ms in the median and 0.67 ms at the 99th percentile (dev.tsv).
//
// Whoever changes this measures it with "iqbot eval internal/answer/testdata/dev.tsv".
package answer
