package answer

import (
	"cmp"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"iqbot/internal/locale"
)

const (
	phrasesSuffix = ".phrases.txt"
	fillersFile   = "fillers.txt"
)

// talkFront is the front matter of a text for small talk or a crisis.
type talkFront struct {
	front   `yaml:",inline"`
	Crisis  bool     `yaml:"crisis"`
	Polite  bool     `yaml:"polite"`
	Rank    int      `yaml:"rank"`
	Buttons []string `yaml:"buttons"`
}

// talkDraft is a text for small talk or a crisis that is being read.
type talkDraft struct {
	*draft
	front   talkFront
	phrases []line
}

// line is a line of a text file.
type line struct {
	number int
	text   string
}

// readTalk reads <lang>/talk.
func (ld *loader) readTalk(tag string) {
	dir := path.Join(tag, "talk")
	entries, err := fs.ReadDir(ld.fsys, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		ld.fault(dir, 1, "cannot be read: %v", err)
	}
	phrases := map[string][]line{}
	for _, e := range entries {
		file := path.Join(dir, e.Name())
		if e.Name() == fillersFile {
			ld.fillers = append(ld.fillers, ld.readLines(file)...)
		} else if kind, ok := strings.CutSuffix(e.Name(), articleSuffix); ok {
			if !topicRE.MatchString(kind) || len(kind) > maxTopic {
				ld.fault(file, 1, "a kind is lower-case words joined by hyphens, of at most %d characters", maxTopic)
			}
			ld.talks[articleID{tag, kind}] = ld.readTalkText(file, tag, kind)
		} else if kind, ok := strings.CutSuffix(e.Name(), phrasesSuffix); ok {
			phrases[kind] = ld.readLines(file)
		} else {
			ld.fault(file, 1, "is neither <kind>%s nor <kind>%s nor %s", articleSuffix, phrasesSuffix, fillersFile)
		}
	}
	for kind, lines := range phrases {
		if t := ld.talks[articleID{tag, kind}]; t != nil {
			t.phrases = lines
		} else {
			ld.fault(path.Join(dir, kind+phrasesSuffix), 1, "there is no text %s%s", kind, articleSuffix)
		}
	}
	for id, t := range ld.talks {
		if _, ok := phrases[id.topic]; !ok && id.lang == tag {
			ld.fault(t.file, 1, "there is no file %s%s", id.topic, phrasesSuffix)
		}
	}
}

// readLines reads a file of one entry a line; # begins a comment.
func (ld *loader) readLines(file string) (lines []line) {
	text, ok := ld.read(file)
	if !ok {
		return nil
	}
	for i, s := range strings.Split(text, "\n") {
		if s = strings.TrimSpace(s); s != "" && s[0] != '#' {
			lines = append(lines, line{i + 1, s})
		}
	}
	if len(lines) == 0 {
		ld.fault(file, 1, "is empty")
	}
	return lines
}

func (ld *loader) readTalkText(file, tag, kind string) *talkDraft {
	t := &talkDraft{draft: &draft{file: file, Article: Article{Topic: kind, Lang: tag}}}
	ld.readDraft(t.draft, &t.front, func() front { return t.front.front })
	for _, b := range t.front.Buttons {
		if b != ButtonHuman && b != ButtonMenu {
			ld.fault(file, t.lines["buttons."+b], "button %q is neither %s nor %s", b, ButtonHuman, ButtonMenu)
		}
	}
	if t.front.Crisis && !slices.Contains(t.front.Buttons, ButtonHuman) {
		ld.fault(file, t.lines["crisis"], "a crisis offers a human: buttons: [human, menu]")
	}
	if len(t.front.Related) > 0 {
		ld.fault(file, t.lines["related"], "related is for articles only")
	}
	return t
}

// talk builds the recogniser, and finds phrases that are not right.
func (ld *loader) talk() *recogniser {
	drafts := ld.sortedTalks()
	if len(drafts) == 0 {
		return nil
	}
	var kinds []TalkText
	numbers := map[string]int{}
	for _, t := range drafts {
		original := ld.talks[articleID{ld.reference, t.Topic}]
		switch {
		case original == nil:
			ld.fault(t.file, 1, "there is no %s/talk/%s%s, which every kind needs", ld.reference, t.Topic, articleSuffix)
		case original.front.Crisis != t.front.Crisis || original.front.Polite != t.front.Polite ||
			original.front.Rank != t.front.Rank || !slices.Equal(original.front.Buttons, t.front.Buttons):
			ld.fault(t.file, 1, "crisis, polite, rank and buttons are not the same as in %s", original.file)
		}
		if _, ok := numbers[t.Topic]; !ok {
			numbers[t.Topic] = len(kinds)
			kinds = append(kinds, t.finished())
		}
	}
	rc := newRecogniser(kinds)
	seen := map[string]*talkDraft{}
	for _, t := range drafts {
		file := strings.TrimSuffix(t.file, articleSuffix) + phrasesSuffix
		for _, l := range t.phrases {
			if reason := rc.add(numbers[t.Topic], t.Lang, l.text); reason != "" {
				ld.fault(file, l.number, "%s", reason)
			}
			key := locale.Fold(l.text)
			switch {
			case key == "": // signs
				key = l.text
			case strings.HasPrefix(l.text, "? "), strings.HasPrefix(l.text, "! "):
				key = l.text[:2] + key
			}
			if other := seen[key]; other != nil && other.Topic != t.Topic {
				ld.fault(file, l.number, "phrase %q belongs to %s already, in %s", l.text, other.Topic, other.file)
			}
			seen[key] = t
		}
	}
	for _, d := range ld.articles {
		for _, q := range append([]string{d.Title}, d.Questions...) {
			for _, w := range words(q) {
				rc.usual[squeeze(w)] = true
			}
		}
	}
	for _, l := range ld.fillers {
		for _, t := range tokenise(l.text) {
			rc.fillers[t.word] = true
		}
	}
	return rc
}

func (t *talkDraft) finished() TalkText {
	return TalkText{Article: t.Article, Crisis: t.front.Crisis, Buttons: t.front.Buttons, rank: t.front.Rank, polite: t.front.Polite}
}

// sortedTalks returns the texts in the order of their files.
func (ld *loader) sortedTalks() []*talkDraft {
	var list []*talkDraft
	for _, t := range ld.talks {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b *talkDraft) int { return cmp.Compare(a.file, b.file) })
	return list
}
