package answer

import (
	"os"
	"strings"
	"testing"

	"iqbot/internal/answer/hear"
)

// table reads a file of testdata with columns between tabs; # begins a comment.
func table(t testing.TB, name string, columns int) (rows [][]string) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(line, "\t")
		if len(row) != columns {
			t.Fatalf("testdata/%s:%d: %d columns, want %d", name, i+1, len(row), columns)
		}
		rows = append(rows, row)
	}
	return rows
}

// alarm is what is heard in a message.
func alarm(l *Library, message string) Alarm {
	return l.Ear().Alarm(l.Read(message, hear.MaxAlarmText))
}

// TestAlarmHearsCrises holds the share of crises that are heard: of those that
// phrases were made for, and of others.
func TestAlarmHearsCrises(t *testing.T) {
	l := realLibrary(t)
	for _, tt := range []struct {
		file string
		want int // percent, in each language
	}{
		{"crisis.tsv", 95},
		{"crisis-unseen.tsv", 95}, // 2026-11-24: all of 72; but see the file for what was heard at first
	} {
		heard, sure, all := map[string]int{}, map[string]int{}, map[string]int{}
		for _, row := range table(t, tt.file, 3) {
			lang, kind, message := row[0], row[1], row[2]
			all[lang]++
			a := alarm(l, message)
			switch a.Kind {
			case "":
				t.Logf("%s %s not heard: %s", lang, kind, message)
				continue
			case kind:
			default:
				t.Logf("%s %s taken for %s: %s", lang, kind, a.Kind, message)
			}
			heard[lang]++
			if !a.Doubtful {
				sure[lang]++
			}
		}
		for lang, n := range all {
			t.Logf("%s %s: %d of %d heard, %d without doubt", tt.file, lang, heard[lang], n, sure[lang])
			if heard[lang]*100 < n*tt.want {
				t.Errorf("%s %s: %d of %d crises heard, want %d %%", tt.file, lang, heard[lang], n, tt.want)
			}
		}
	}
}

func TestAlarmIsCalm(t *testing.T) {
	t.Parallel()
	l := realLibrary(t)
	quiet := func(where, message string, perhaps bool) {
		if a := alarm(l, message); a.Kind != "" && (!a.Doubtful || !perhaps) {
			t.Errorf("%s: %q gives the alarm %+v", where, message, a)
		}
	}
	for _, row := range table(t, "calm.tsv", 2) {
		quiet("calm.tsv", row[1], false)
	}
	for _, c := range devSet(t) {
		quiet("dev.tsv", c.Question, false)
	}
	for _, file := range []string{"professions.csv", "regions-rlp.yaml", "exonyms.yaml", "words.yaml"} {
		data, err := os.ReadFile("../network/data/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(data), "\n") { // many names stand in a line
			quiet(file, line, false)
		}
	}
	n := 0
	for _, tag := range l.Languages() {
		eachArticle(l, tag, func(_ int, a Article) {
			for _, q := range append([]string{a.Title}, a.Questions...) {
				// A passport that the employer keeps, or an assault at work, is both: the
				// person gets the numbers and the article.
				quiet(tag+" "+a.Topic, q, a.Topic == "fair-integration" || a.Topic == "discrimination-help")
				n++
			}
		})
	}
	if n < 10000 {
		t.Errorf("only %d questions of the articles", n)
	}
}

// talkKind is the kind of small talk that Find sees, "" if none.
func talkKind(x *Index, message string) string {
	if r := x.Find(message, "de"); r.Outcome == Talk {
		return r.Talk
	}
	return ""
}

func TestSmallTalk(t *testing.T) {
	x := index(t)
	for _, tt := range []struct{ message, want string }{
		{"Hallo", "greeting"}, {"Hallooo!!! 👋", "greeting"}, {"hallo ahmed", "greeting"}, {"Guten Morgen Frau Müller", "greeting"},
		{"Hi there", "greeting"}, {"السلام عليكم", "greeting"}, {"مرحباً", "greeting"}, {"Добрий день!", "greeting"}, {"привет", "greeting"}, {"salam alaikum", "greeting"}, {"Vitayu", "greeting"},
		{"Danke", "thanks"}, {"vielen lieben Dank für Ihre Hilfe 🙏", "thanks"}, {"thank you so much", "thanks"}, {"شكراً جزيلاً", "thanks"}, {"щиро дякую", "thanks"}, {"ok danke", "thanks"}, {"🙏", "thanks"}, {"❤️", "thanks"},
		{"Tschüss", "goodbye"}, {"Danke, tschüss", "goodbye"}, {"bye bye", "goodbye"}, {"مع السلامة", "goodbye"}, {"до побачення", "goodbye"},
		{"Hallo, wie geht's?", "how-are-you"}, {"how are you", "how-are-you"}, {"كيف حالك", "how-are-you"}, {"як справи?", "how-are-you"},
		{"Bist du ein Mensch?", "are-you-a-robot"}, {"are you a bot", "are-you-a-robot"}, {"هل أنت روبوت؟", "are-you-a-robot"}, {"ти бот?", "are-you-a-robot"}, {"🤖", "are-you-a-robot"},
		{"wer hat dich gemacht", "who-made-you"}, {"what can you do?", "who-made-you"}, {"من أنت", "who-made-you"}, {"хто ти", "who-made-you"},
		{"ok", "yes-no"}, {"ja", "yes-no"}, {"👍🏽", "yes-no"}, {"haha", "yes-no"}, {"نعم", "yes-no"}, {"добре", "yes-no"},
		{"Erzähl mir einen Witz", "joke"}, {"tell me a joke", "joke"}, {"احكي لي نكتة", "joke"}, {"розкажи анекдот", "joke"},
		{"du bist super", "compliment"}, {"you are the best", "compliment"}, {"أنت رائع", "compliment"}, {"ти молодець", "compliment"},
		{"Du bist so dumm", "insult"}, {"fuck you", "insult"}, {"يا حمار", "insult"}, {"ти тупий", "insult"},
		{"du hilfst mir nicht", "frustration"}, {"this is useless", "frustration"}, {"أنت لا تفهم", "frustration"}, {"ти мене не розумієш", "frustration"},
		{"ich verstehe das nicht", "not-understood"}, {"I don't understand", "not-understood"}, {"لم أفهم", "not-understood"}, {"не розумію", "not-understood"}, {"???", "not-understood"}, {"help me please", "not-understood"},
		{"ich bin so müde", "stress"}, {"I am so tired", "stress"}, {"أنا تعبانة كتير", "stress"}, {"мені дуже важко", "stress"}, {"😢", "stress"},
		// No small talk:
		{"Hallo, was kostet die Anerkennung?", ""}, {"Danke, und wie lange dauert das?", ""}, {"hi Anerkennung", ""}, {"das ist gut bezahlt", ""},
		{"ich bin Krankenschwester", ""}, {"я медсестра", ""}, {"أنا طبيب", ""}, {"", ""}, {"!!!", ""}, {"12345", ""}, {"das ist", ""}, {"I am", ""}, {"انا", ""}, {"я тебе", ""},
	} {
		if got := talkKind(x, tt.message); got != tt.want {
			t.Errorf("%q is %q, want %q", tt.message, got, tt.want)
		}
	}
}

func TestNoQuestionIsSmallTalk(t *testing.T) {
	x := index(t)
	for _, c := range devSet(t) {
		if kind := talkKind(x, c.Question); kind != "" && c.Topics != nil {
			t.Errorf("%s %q is taken for %s", c.ID, c.Question, kind)
		}
	}
}

func TestPolitenessDoesNotChangeTheAnswer(t *testing.T) {
	x := index(t)
	for _, q := range []string{"Was kostet die Anerkennung?", "скільки коштує визнання", "how long does it take", "كم يكلف الاعتراف"} {
		want := x.Find(q, "de").Candidates[0].Topic
		for _, message := range []string{"Hallo, " + q, "Hello! Good morning. " + q, "Добрий день, " + q + " Дякую!", "مرحبا، " + q + " شكرا", q + " Danke 🙏"} {
			if r := x.Find(message, "de"); r.Outcome != Found || r.Candidates[0].Topic != want {
				t.Errorf("Find(%q) = %+v, without politeness %s", message, r, want)
			}
		}
	}
}

// A crisis is heard in a long message, with typing errors, beside a question.
func TestAlarmInLongMessages(t *testing.T) {
	l := realLibrary(t)
	long := strings.Repeat("Ich habe in Aleppo Medizin studiert und warte seit Jahren. ", 100)
	for _, tt := range []struct {
		message, want string
		doubtful      bool
	}{
		{long + "Ich will nicht mehr leben.", "suicide", false},
		{"Was kostet die Anerkennung? Mein Mann schlägt mich", "violence", false},
		{"ich habe selbstmrodgedanken", "suicide", false},
		{"my freind is unconsious", "emergency", false},
		{"ICH WILL STERBEN!!!", "suicide", false},
		{"i.want.to.die", "suicide", false},
		{"mein mann schlaegt mich", "violence", false},
		{"I am a suicide prevention counsellor and I want to kill myself", "suicide", false},
		{"my husband hits me and i want to die", "suicide", false},
		{"Gibt es hier Obdachlosigkeit", "homeless", true},
		{strings.Repeat("x ", hear.MaxAlarmText) + "I want to die", "", false}, // behind the limit
	} {
		if a := alarm(l, tt.message); a.Kind != tt.want || a.Doubtful != tt.doubtful {
			t.Errorf("Alarm(%.60q) = %+v, want %s, doubtful %t", tt.message, a, tt.want, tt.doubtful)
		}
	}
}

func TestDoubtfulAlarmDoesNotHideTheAnswer(t *testing.T) {
	x := index(t)
	r := x.Find("chef behält meinen pass", "de")
	if r.Outcome == Talk || len(r.Candidates) == 0 || r.Talk != "violence" {
		t.Errorf("Find = %+v", r)
	}
}

// TestTalkTexts: every kind has its text in every language, and a crisis names
// a number to call and offers a human.
func TestTalkTexts(t *testing.T) {
	l := realLibrary(t)
	for _, tag := range []string{"de", "en", "ar", "uk"} {
		if missing := l.MissingTalk(tag); len(missing) > 0 {
			t.Errorf("%s has no text for %v", tag, missing)
		}
		for _, kind := range l.TalkKinds() {
			text, ok := l.Talk(kind, tag)
			if !ok || text.Lang != tag || strings.ContainsAny(text.Body, "!{}") {
				t.Errorf("%s %s: %+v", tag, kind, text)
			}
			if text.Crisis && (!strings.Contains(text.Body, "112") || len(text.Buttons) != 2) {
				t.Errorf("%s %s: neither 112 nor both buttons: %v", tag, kind, text.Buttons)
			}
		}
	}
	if _, ok := l.Talk("no-such-kind", "de"); ok {
		t.Error("there is a text for no-such-kind")
	}
	if a, ok := l.Talk("suicide", "xx"); !ok || a.Lang != "de" {
		t.Error("an unknown language does not get the reference language")
	}
}

func FuzzAlarm(f *testing.F) {
	for _, row := range table(f, "crisis.tsv", 3) {
		f.Add(row[2])
	}
	for _, row := range table(f, "calm.tsv", 2) {
		f.Add(row[1])
	}
	f.Add("\xff! & ... ? (x)")
	l := realLibrary(f)
	f.Fuzz(func(t *testing.T, message string) {
		a := alarm(l, message)
		if again := alarm(l, message); again != a {
			t.Errorf("Alarm = %+v, then %+v", a, again)
		}
		text := l.Read(message, len(message))
		kind := l.Ear().SmallTalk(text)
		if again := l.Ear().SmallTalk(text); again != kind {
			t.Errorf("SmallTalk = %q, then %q", kind, again)
		}
		if q := l.Ear().Question(text); !strings.Contains(message, q.Raw) {
			t.Errorf("Question(%q) = %q", message, q.Raw)
		}
	})
}

func BenchmarkAlarm(b *testing.B) {
	l := realLibrary(b)
	for _, bb := range []struct{ name, message string }{
		{"word", "Kosten"},
		{"sentence", "Ich bin Köchin aus Syrien, brauche ich überhaupt eine Anerkennung?"},
		{"Arabic", "انا ممرضة من سوريا هل احتاج الاعتراف للعمل في المانيا"},
		{"crisis", "mein mann hat mich gestern wieder geschlagen, wo kann ich hin"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				text := l.Read(bb.message, hear.MaxAlarmText)
				l.Ear().Alarm(text)
				l.Ear().SmallTalk(text)
			}
		})
	}
}
