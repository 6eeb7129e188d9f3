package bot_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"

	"iqbot/bot"
	"iqbot/internal/flow"
	"iqbot/internal/redact"
	"iqbot/internal/store"
)

// helper is an assistant that remembers what it was asked.
type helper struct {
	name  string // if empty, Example GmbH
	mu    sync.Mutex
	asked []bot.AssistQuestion
	reply func(bot.AssistQuestion) (bot.AssistReply, error)
}

func (h *helper) Recipient() string { return cmp.Or(h.name, "Example GmbH") }

func (h *helper) Assist(_ context.Context, q bot.AssistQuestion) (bot.AssistReply, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, q)
	return h.reply(q)
}

// says is a helper that always says the same.
func says(topic, text string) *helper {
	return &helper{reply: func(bot.AssistQuestion) (bot.AssistReply, error) {
		return bot.AssistReply{Topic: topic, Text: text}, nil
	}}
}

// assisted is an engine with a helper, and what it said last: the ids of the outcome.
func assisted(t *testing.T, s bot.Store, h *helper) (*bot.Engine, *channel, *[]string) {
	t.Helper()
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	c, said := newChannel(), new([]string)
	o := bot.Options{
		Store: s, Channels: []bot.Channel{c}, Content: loaded, Log: quiet, Advisors: true, Flood: bot.FloodLimit{Burst: 1e6},
		Trace: func(out bot.Outcome) { *said = out.Said },
	}
	if h != nil {
		o.Assistant = h
	}
	return bot.NewEngine(o), c, said
}

// The questions of these tests: the finder answers the first, and offers a
// choice for the second. If it learns better, they need another.
const (
	clear = "How much does recognition cost?"
	vague = "pay for it or free"
)

// greet is what a person writes before their questions are sent: with the answer
// to the first one they are told who gets the next.
func greet() []bot.Update {
	return []bot.Update{typed("test:1", "/start lang-en"), typed("test:1", "What is IQ?"), typed("test:1", "/menu")}
}

func TestTheAssistantChooses(t *testing.T) {
	for name, test := range map[string]struct {
		question string
		reply    bot.AssistReply
		err      error
		want     string
	}{
		"nobody asked, found":           {question: clear, err: errors.New("down"), want: "<article costs>"},
		"nobody asked, several":         {question: vague, err: errors.New("down"), want: "<several "},
		"it picks one of several":       {question: vague, reply: bot.AssistReply{Topic: "counselling-cost"}, want: "<article counselling-cost>"},
		"it agrees":                     {question: clear, reply: bot.AssistReply{Topic: "costs"}, want: "<article costs>"},
		"found, none of them: a choice": {question: clear, want: "<several costs"},
		"several, none of them":         {question: vague, want: "<unknown>"},
		"an article not found":          {question: clear, reply: bot.AssistReply{Topic: "nurses"}, want: "<article costs>"},
		"a text with a wrong figure":    {question: vague, reply: bot.AssistReply{Topic: "costs", Text: "The fee is 5 euro."}, want: "<several "},
	} {
		t.Run(name, func(t *testing.T) {
			h := &helper{reply: func(bot.AssistQuestion) (bot.AssistReply, error) { return test.reply, test.err }}
			e, _, said := assisted(t, embedded(t), h)
			handle(t, e, greet()...)
			handle(t, e, typed("test:1", test.question))
			if got := strings.Join(*said, " "); !strings.HasPrefix(got, test.want) {
				t.Errorf("said %s, want %s", got, test.want)
			}
			if len(h.asked) != 1 {
				t.Errorf("asked %d times", len(h.asked))
			}
			e.Flush()
		})
	}
}

func TestAShortAnswerHasItsSourceANoteAndTheArticle(t *testing.T) {
	h := says("costs", "Every authority has its own fees. For the chambers (IHK FOSA) it is €100–600.\n- Ask the competent authority for the exact fee.")
	e, c, said := assisted(t, embedded(t), h)
	handle(t, e, greet()...)
	handle(t, e, typed("test:1", clear))
	e.Flush()
	if diff := gocmp.Diff([]string{"<rephrased costs>"}, *said); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	m := c.messages("test:1")
	last := m[len(m)-1]
	paragraphs := strings.Split(last.Text.Plain(), "\n\n")
	want := []string{"How much does recognition cost?", "Every authority has", "Source: ", "A computer program (language model) made"}
	if len(paragraphs) != len(want) {
		t.Fatalf("%d paragraphs: %q", len(paragraphs), paragraphs)
	}
	for i := range want {
		if !strings.HasPrefix(paragraphs[i], want[i]) {
			t.Errorf("paragraph %d is %q", i, paragraphs[i])
		}
	}
	if !strings.Contains(paragraphs[1], "\n• Ask") {
		t.Errorf("the list is lost: %q", paragraphs[1])
	}
	full := last.Buttons[0][0]
	if full.Label != "Show the full article" {
		t.Fatalf("the first button is %+v", full)
	}
	handle(t, e, bot.Update{ID: "p", Chat: "test:1", Input: flow.Input{Kind: flow.KindButton, Text: full.Data}})
	e.Flush()
	m = c.messages("test:1")
	if text := m[len(m)-1].Text.Plain(); !strings.Contains(text, "Help with paying") {
		t.Errorf("the button shows %.80q", text)
	}
	if len(h.asked) != 1 {
		t.Error("the button was sent to the model")
	}
}

// What people say to the bot other than a question goes nowhere.
func TestOnlyQuestionsAreSent(t *testing.T) {
	h := says("", "")
	e, _, _ := assisted(t, embedded(t), h)
	for _, line := range []string{
		"/start", "How long does recognition take?", // before a language is chosen
		"1", // the language: the question is answered, and the person told of the assistant
		clear,
		"/help", "/privacy", "menu", "human", "1", "my words: what does recognition cost?", "Koblenz", "by phone", "0151 12345678", "1",
		"/menu", "anerkennungxyz qqq", "thank you", "/cancel", "yes", "advisor", "/start topic-costs",
	} {
		handle(t, e, typed("test:1", line))
	}
	e.Flush()
	var words []string
	for _, q := range h.asked {
		words = append(words, q.Words)
	}
	if diff := gocmp.Diff([]string{clear}, words); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}

func TestAQuestionIsSentWithoutWhatTellsWhoAsks(t *testing.T) {
	in, want := "How much does recognition cost? I am ana.b+c@example.org", "How much does recognition cost? I am "+redact.Gap
	if got := bot.Anonymous(in); got != want {
		t.Errorf("%q is sent as %q, want %q", in, got, want)
	}
	if n := utf8.RuneCountInString(bot.Anonymous(strings.Repeat("що ", 1000))); n > 500 {
		t.Errorf("%d characters are sent", n)
	}
	h := says("", "")
	e, _, _ := assisted(t, embedded(t), h)
	handle(t, e, greet()...)
	handle(t, e, typed("test:1", clear+" ana@example.org"))
	e.Flush()
	if len(h.asked) != 1 || h.asked[0].Words != clear+" "+redact.Gap {
		t.Errorf("sent %+v", h.asked)
	}
}

// conflicting is a store in which others win the first races.
type conflicting struct {
	*store.Store
	times *atomic.Int64
}

func (c conflicting) Commit(ctx context.Context, commit bot.Commit) (bot.Lease, []bot.Queued, error) {
	if commit.Version > 0 && c.times.Add(-1) >= 0 {
		return bot.Lease{}, nil, bot.ErrVersionConflict
	}
	return c.Store.Commit(ctx, commit)
}

func TestAnUpdateThatIsTriedAgainIsSentOnce(t *testing.T) {
	s := conflicting{embedded(t), new(atomic.Int64)}
	s.times.Store(3)
	h := says("counselling-cost", "")
	e, _, said := assisted(t, s, h)
	handle(t, e, greet()...)
	handle(t, e, typed("test:1", vague))
	e.Flush()
	if len(h.asked) != 1 || e.Stats().Conflicts.Load() != 3 || e.Stats().Asked.Load() != 1 {
		t.Errorf("asked %d times in %d conflicts", len(h.asked), e.Stats().Conflicts.Load())
	}
	if (*said)[0] != "<article counselling-cost>" {
		t.Errorf("said %v", *said)
	}
}

func TestADefectOfTheAssistantCostsNobodyTheAnswer(t *testing.T) {
	h := &helper{reply: func(bot.AssistQuestion) (bot.AssistReply, error) { panic("a defect") }}
	e, _, said := assisted(t, embedded(t), h)
	handle(t, e, greet()...)
	handle(t, e, typed("test:1", clear))
	e.Flush()
	if (*said)[0] != "<article costs>" {
		t.Errorf("said %v", *said)
	}
}

func TestTheLogHoldsNoWordsOfPeopleOrOfTheModel(t *testing.T) {
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, h := range []*helper{
		says("costs", "The fee is 5 secretword."),
		{reply: func(bot.AssistQuestion) (bot.AssistReply, error) { panic("secretword") }},
	} {
		e := bot.NewEngine(bot.Options{
			Store: embedded(t), Channels: []bot.Channel{newChannel()}, Content: loaded, Assistant: h,
			Log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})),
		})
		handle(t, e, greet()...)
		handle(t, e, typed("test:1", clear+" secretword"))
		e.Flush()
	}
	if strings.Contains(out.String(), "secretword") || !strings.Contains(out.String(), "plain answer") {
		t.Error(out.String())
	}
}

// People are told who gets their questions before anybody does, once, again if
// it is somebody else, and under /privacy; and only where somebody does.
func TestPeopleAreToldBeforeAnythingIsSent(t *testing.T) {
	s := embedded(t)
	step := func(h *helper, line string, wantSent, wantTold bool) {
		t.Helper()
		e, c, _ := assisted(t, s, h)
		handle(t, e, typed("test:1", line))
		e.Flush()
		var all strings.Builder
		for _, m := range c.messages("test:1") {
			all.WriteString(m.Text.Plain())
		}
		if told := strings.Contains(all.String(), "language model"); told != wantTold {
			t.Errorf("%s: told %v\n%s", line, told, all.String())
		}
		if h != nil && (len(h.asked) == 1) != wantSent {
			t.Errorf("%s: sent %d times", line, len(h.asked))
		}
	}
	step(nil, clear, false, false) // a person who comes back; the assistant is off
	step(nil, "/privacy", false, false)
	step(says("costs", ""), clear, false, true)
	step(says("costs", ""), clear, true, false)
	step(says("costs", ""), "/privacy", false, true)
	step(&helper{name: "Another GmbH", reply: says("costs", "").reply}, clear, false, true)
	step(&helper{name: "Another GmbH", reply: says("costs", "").reply}, clear, true, false)
	step(nil, clear, false, false)
}

// told is of a person who knows of the assistant x.
var told = map[string]string{"assistant": "x"}

// vetted says whether a text is shown, and if not, why.
func vetted(t testing.TB, lang, topic, text string) error {
	t.Helper()
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	d := &bot.Dialogue{Content: loaded, Assistant: "x"}
	question, _ := loaded.Articles.Article(topic, lang)
	out, err := d.Step(flow.State{Language: lang, Vars: told}, bot.Update{ID: "u", Chat: "test:1", Input: flow.ParseTyped(question.Title)}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if out.Ask == nil || !slices.ContainsFunc(out.Ask.Articles, func(a bot.AssistArticle) bool { return a.Topic == topic }) {
		t.Fatalf("%s: %q is not answered with %s", lang, question.Title, topic)
	}
	_, err = loaded.Vet(*out.Ask, bot.AssistReply{Topic: topic, Text: text})
	return err
}

// What models write from these articles passes: the rules must not be so strict
// that hardly anything does.
func TestGoodShortAnswersAreShown(t *testing.T) {
	for _, test := range []struct{ lang, topic, text string }{
		{"de", "costs", "Jede Stelle hat eigene Gebühren. Für Berufe der IHK FOSA kostet das Verfahren 100–600 €, für die Approbation je nach Bundesland 150–1.000 €. Dazu kommen oft Übersetzungen und beglaubigte Kopien. Fragen Sie die zuständige Stelle nach der genauen Gebühr."},
		{"de", "costs", "Bei kleinem Einkommen gibt es vielleicht den **Anerkennungszuschuss**: höchstens 600 € für das Verfahren. Sie können den Antrag bis zum 30. Juni 2027 stellen. Beantragen Sie die Hilfe, bevor Sie etwas bezahlen."},
		{"de", "duration", "Die Stelle entscheidet in 3 Monaten, sobald alle Papiere da sind. Für Ärzte und Pflege sind es bis zu 4 Monate. Die Frist steht still, wenn Papiere fehlen. Der ganze Weg kann deshalb viel länger sein."},
		{"en", "costs", "The fee depends on the authority and the occupation:\n- chambers of industry and commerce (IHK FOSA): €100–600\n- health occupations: €50–300, plus a fee for the licence document\n- medical licence (Approbation): €150–1,000\nAsk the competent authority for the exact fee before you pay anything."},
		{"en", "costs", "If your income is low, you may get the recognition grant (Anerkennungszuschuss) of at most €600 for the procedure. You can apply until 30 June 2027."},
		{"en", "duration", "By law the authority decides within 3 months from the day when all your papers are there. For doctors, pharmacists and nurses it can take up to 4 months. If papers are missing, the clock stops, so the whole way can take much longer."},
		{"uk", "costs", "Кожна установа бере свою плату. Для професій торгово-промислових палат (IHK FOSA) це 100–600 €, для медичних професій — 50–300 €. Часто треба платити ще за переклади та завірені копії. Запитайте точну суму у відповідальній установі."},
		{"uk", "costs", "Якщо у вас малий дохід, можлива доплата (Anerkennungszuschuss): щонайбільше 600 € на процедуру. Заяву приймають до 30 червня 2027 року."},
		{"uk", "duration", "Рішення приймають за 3 місяці від дня, коли є всі документи. Для лікарів і догляду (Pflege) — щонайбільше 4 місяці. Якщо бракує документів, строк зупиняється, тому весь шлях може бути набагато довшим."},
		{"ar", "costs", "لكل جهة رسومها الخاصة. رسوم مهن غرف الصناعة والتجارة (IHK FOSA) من ١٠٠ إلى ٦٠٠ يورو، والمهن الصحية من ٥٠ إلى ٣٠٠ يورو. وتضاف إليها الترجمة والنسخ المصدقة. اسأل الجهة المختصة عن المبلغ الدقيق."},
		{"ar", "costs", "إذا كان دخلك قليلًا فقد تحصل على منحة الاعتراف (Anerkennungszuschuss)، وأعلى مبلغ لها 600 يورو. آخر موعد لطلبها 30 حزيران/يونيو 2027."},
		{"ar", "duration", "القرار خلال ٣ أشهر عندما تصل كل الأوراق. للأطباء والصيدلة والتمريض أطول مدة ٤ أشهر. وتتوقف المدة إذا نقصت أوراق، لذلك قد يكون الطريق أطول بكثير."},
		{"de", "documents-needed", "Meistens brauchen Sie einen Lebenslauf auf Deutsch, einen Ausweis oder Pass und Ihre Zeugnisse. Dazu kommen Nachweise über Berufserfahrung. In Gesundheitsberufen dürfen Attest und Führungszeugnis nicht älter sein als 3 Monate. Schicken Sie keine Originale."},
		{"de", "language-requirements", "Das hängt vom Beruf ab. In der Pflege brauchen Sie meistens B2, in der Medizin B2 und die Fachsprachprüfung auf dem Niveau C1. Fragen Sie die zuständige Stelle, welches Zertifikat sie verlangt."},
		{"de", "central-service", "Die Zentrale Servicestelle Berufsanerkennung (ZSBA) berät Menschen, die noch im Ausland leben, kostenlos und in 11 Sprachen. Sie entscheidet nicht selbst. Das Gesetz für die ZSBA gilt bis zum 31. Dezember 2026."},
		{"en", "nurses", "Nursing is a protected occupation, so you need a licence. In Rhineland-Palatinate the LSJV decides. If something is missing, you choose between a knowledge test (Kenntnisprüfung) and an adaptation course (Anpassungslehrgang), which takes at most 3 years. Once all papers are there, the LSJV should decide within 4 months."},
		{"en", "anabin", "anabin (https://anabin.kmk.org/) is a free public database of the ZAB about foreign universities and degrees. H+ means that your university is recognised. If both results are good, you can print the pages for your visa application."},
		{"en", "financial-support", "The recognition grant (Anerkennungszuschuss) pays at most €600 for the procedure, translations and certified copies, and at most €3,000 for adaptation courses. Your income may not be higher than €32,000 a year. Apply for the money before you get a bill."},
		{"uk", "central-service", "ZSBA безкоштовно консультує людей, які ще живуть за кордоном. Вона шукає разом з вами німецьку професію та відповідальну установу і переглядає ваші документи. Сама вона рішень не ухвалює. Закон про ZSBA діє до 31 грудня 2026 року."},
		{"uk", "translation-of-documents", "Перекладати має присяжний перекладач (vereidigter Übersetzer). Його можна знайти в базі даних: https://www.justiz-dolmetscher.de/. Переклади може оплатити Anerkennungszuschuss, щонайбільше 600 €. Спочатку запитайте установу, які документи треба перекласти."},
		{"ar", "opportunity-card", "بطاقة الفرصة (Chancenkarte) إقامة لمن هم من خارج الاتحاد الأوروبي ويبحثون عن عمل في ألمانيا. إذا كان مؤهلك معترفًا به بالكامل فلا تحتاج إلى نقاط، وإلا فأقل عدد منها ٦. يمكنك العمل ٢٠ ساعة في الأسبوع."},
		{"ar", "apply-from-abroad", "نعم، يمكنك طلب الاعتراف من خارج ألمانيا. يساعدك مركز الخدمة المركزي (ZSBA) مجانًا في الخارج. الإجراء السريع عن طريق صاحب العمل رسومه ٤١١ يورو."},
	} {
		if err := vetted(t, test.lang, test.topic, test.text); err != nil {
			t.Errorf("%s: %v\n%s", test.lang, err, test.text)
		}
	}
}

func TestBadShortAnswersAreNotShown(t *testing.T) {
	const good = "Every authority has its own fees. Ask the competent authority for the exact fee. "
	if err := vetted(t, "en", "costs", good); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"":                                  "", // the article itself is shown
		" ":                                 "empty",
		good + "The fee is 5 euro.":         "a figure that is not so in the article",
		good + "The fee is €5.":             "a figure that is not so in the article",
		good + "The fee is € 600–6,000.":    "a figure that is not so in the article",
		good + "It takes 600 days.":         "a figure that is not so in the article",
		good + "The fee is 600 $.":          "a figure that is not so in the article",
		good + "It is €2,027 in all.":       "a figure that is not so in the article",
		good + "At most 600 % of the fee.":  "a figure that is not so in the article",
		good + "The fee is ٥ euro.":         "a figure that is not so in the article",
		good + "The fee is five euro.":      "a number in words that is not in the article",
		good + "The fee is fivehundred.":    "a number in words that is not in the article",
		good + "The procedure is free.":     "free of charge, which is not in the article",
		good + "The fee is one euro.":       "a sum that is not in the article",
		good + "You can apply until B2.":    "a figure that is not so in the article",
		good + "Apply until 30 June 2028.":  "a figure that is not so in the article",
		good + "Apply until 30.06.2027.":    "a telephone number or a date that is not in the article",
		good + "Call 0800 123 4567.":        "a telephone number or a date that is not in the article",
		good + "Write to ana@example.org.":  "an address or a link that is not in the article",
		good + "Write to @ana_b.":           "an address or a link that is not in the article",
		good + "See https://example.org/x.": "an address or a link that is not in the article",
		good + "See example.org for more.":  "an address or a link that is not in the article",
		good + "See t.me/fast_papers now.":  "an address or a link that is not in the article",
		good + "<b>Ask</b>":                 "markup or signs that do not belong there",
		good + "[ask](https://example.org)": "markup or signs that do not belong there",
		good + "*Ask* them":                 "markup or signs that do not belong there",
		good + "**Ask them":                 "markup or signs that do not belong there",
		"# Fees\n" + good:                   "markup or signs that do not belong there",
		"```\n" + good + "```":              "markup or signs that do not belong there",
		good + "&euro;":                     "markup or signs that do not belong there",
		good + "It is 6\u200b00 in all.":    "markup or signs that do not belong there",
		good + "\u202eIt is fee.":           "markup or signs that do not belong there",
		good + "👍":                          "markup or signs that do not belong there",
		strings.Repeat(good, 12):            "too long",
		"Jede Stelle hat eigene Gebühren. Fragen Sie die zuständige Stelle nach der genauen Gebühr.":                             "another language or script",
		"Кожна установа бере свою плату. Запитайте точну суму у відповідальній установі.":                                        "another language or script",
		"Roses are beautiful flowers. Gardeners everywhere admire their wonderful colours. Please remember to water them often.": "too many words that are not in the article",
	} {
		err := vetted(t, "en", "costs", text)
		if want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// Each of these is near to its article, and wrong.
func TestSmallLiesAreNotShown(t *testing.T) {
	for _, test := range []struct{ lang, topic, text string }{
		{"de", "language-requirements", "In der Pflege brauchen Sie C2. Fragen Sie die zuständige Stelle, welches Zertifikat sie verlangt."},
		{"de", "documents-needed", "In Gesundheitsberufen dürfen Attest und Führungszeugnis nicht älter sein als 6 Monate. Schicken Sie keine Originale."},
		{"de", "documents-needed", "In Gesundheitsberufen dürfen Attest und Führungszeugnis nicht älter sein als 3 Wochen. Schicken Sie keine Originale."},
		{"de", "central-service", "Die ZSBA berät Menschen im Ausland. Die Beratung kostet 11 Euro."},
		{"de", "central-service", "Die ZSBA berät Menschen im Ausland. Das Gesetz für die ZSBA gilt bis zum 31. Dezember 2028."},
		{"de", "central-service", "Die ZSBA berät Menschen im Ausland. Rufen Sie die Hotline an: +49 30 1815 1111."},
		{"en", "nurses", "In Rhineland-Palatinate the LSJV decides. The course takes at most 4 years."},
		{"en", "nurses", "In Rhineland-Palatinate the LSJV decides within 3 months once all papers are there."},
		{"en", "nurses", "In Rhineland-Palatinate the LSJV decides. The course takes three years and the test costs two hundred euro."},
		{"en", "financial-support", "The recognition grant pays at most €6,000 for the procedure. You have no firm right to the money."},
		{"en", "financial-support", "The recognition grant pays at most €3,200 for the procedure. You have no firm right to the money."},
		{"en", "financial-support", "The last day to apply is 30 September 2027. You have no firm right to the money."},
		{"en", "financial-support", "The last day to apply is 1 June 2027. You have no firm right to the money."},
		{"en", "anabin", "anabin (https://anabin.kmk.org.example.com/) is the public database of the ZAB about foreign universities and degrees."},
		{"en", "anabin", "anabin (https://anabin.kmk.org/pay) is the public database of the ZAB about foreign universities and degrees."},
		{"uk", "translation-of-documents", "Переклади може оплатити також Anerkennungszuschuss: щонайбільше 6000 € на всі витрати процедури."},
		{"uk", "translation-of-documents", "Переклади може оплатити також Anerkennungszuschuss: щонайбільше шістсот тисяч на всі витрати процедури."},
		{"ar", "apply-from-abroad", "نعم، يمكنك طلب الاعتراف من خارج ألمانيا. الرسوم: ١١ يورو."},
		{"ar", "apply-from-abroad", "نعم، يمكنك طلب الاعتراف من خارج ألمانيا. الرسوم خمسون يورو."},
	} {
		if vetted(t, test.lang, test.topic, test.text) == nil {
			t.Errorf("%s: %s", test.lang, test.text)
		}
	}
}

// What the rules cannot see, told of in README.md: a figure of the article that
// is said of something else there. This is why a short answer has a note and a
// button to the article.
func TestAFigureInTheWrongPlaceIsNotSeen(t *testing.T) {
	if err := vetted(t, "en", "financial-support", "The recognition grant pays at most €3,000 for the procedure. You have no firm right to the money."); err != nil {
		t.Errorf("it is seen now (%v): say so in README.md and in the comment of Vet", err)
	}
}

func TestNumbersInWordsAreSeenInEveryLanguage(t *testing.T) {
	for lang, texts := range map[string][2]string{
		"de": {"Jede Stelle hat eigene Gebühren. Fragen Sie die zuständige Stelle nach der genauen Gebühr.", " Die Gebühr ist fünfundzwanzig."},
		"ar": {"لكل جهة رسومها الخاصة. يرجى سؤال الجهة المختصة عن المبلغ الدقيق.", " الرسوم خمسة."},
		"uk": {"Кожна установа бере свою плату. Запитайте точну суму у відповідальній установі.", " Плата — п’ять."},
	} {
		if err := vetted(t, lang, "costs", texts[0]); err != nil {
			t.Errorf("%s: %v", lang, err)
		}
		if err := vetted(t, lang, "costs", texts[0]+texts[1]); err == nil || err.Error() != "a number in words that is not in the article" {
			t.Errorf("%s: %v", lang, err)
		}
	}
}

// Whatever a model writes, it does not end the program, and what passes is markup of ours.
func FuzzVet(f *testing.F) {
	loaded, err := content()
	if err != nil {
		f.Fatal(err)
	}
	d := &bot.Dialogue{Content: loaded, Assistant: "x"}
	out, err := d.Step(flow.State{Language: "en", Vars: told}, bot.Update{ID: "u", Chat: "test:1", Input: flow.ParseTyped(clear)}, time.Time{})
	if err != nil || out.Ask == nil {
		f.Fatal(err)
	}
	for _, text := range []string{"", "Every authority has its own fees.", "€100–600 **fees** 31. x 5 - 5 - 5", "[a](https://b.c) @x +49 111 222 333", "١٬٢٠٠ \xff", "fiveandfiveand"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u := bot.Update{ID: "u", Chat: "test:1", Input: flow.ParseTyped(clear)}
		if u.Assisted, err = loaded.Vet(*out.Ask, bot.AssistReply{Topic: "costs", Text: text}); err != nil {
			if u.Assisted != nil {
				t.Error("a breach and a reply")
			}
			return
		}
		shown, err := d.Step(flow.State{Language: "en", Vars: told}, u, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range shown.Messages[0].Text {
			if run.Link != "" && strings.Contains(text, run.Link) {
				t.Errorf("a link from the model: %s", run.Link)
			}
		}
	})
}
