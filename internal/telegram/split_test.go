package telegram

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"

	"iqbot/bot"
	"iqbot/internal/richtext"
	"iqbot/internal/telegram/botapitest"
)

func prepared(t testing.TB, m bot.Message) []bot.Message {
	t.Helper()
	c, err := New(Options{Token: botapitest.DefaultToken})
	if err != nil {
		t.Fatal(err)
	}
	return c.Prepare(m)
}

func TestSplitPrefersTheBestPlace(t *testing.T) {
	a, b := strings.Repeat("a", 12), strings.Repeat("b", 12)
	for name, tc := range map[string]struct {
		in   string
		want []string
	}{
		"nothing":                           {"", nil},
		"short":                             {"one part", []string{"one part"}},
		"exactly the limit":                 {strings.Repeat("x", 20), []string{strings.Repeat("x", 20)}},
		"paragraph before line":             {a + "\n\nb\nbbbbbbbbbb", []string{a + "\n\n", "b\nbbbbbbbbbb"}},
		"line before sentence":              {a + "\nbb. bbbbbbbb", []string{a + "\n", "bb. bbbbbbbb"}},
		"sentence before word":              {"aaaa aaaaa. Bb bbbbbbb", []string{"aaaa aaaaa. ", "Bb bbbbbbb"}},
		"word":                              {a + " bb " + b, []string{a + " bb ", b}},
		"inside a word if there is no more": {strings.Repeat("x", 25), []string{strings.Repeat("x", 20), "xxxxx"}},
		"not far ahead of the limit":        {"a\n\n" + "bbbbbbbbb bbbbbbbbbbbb", []string{"a\n\nbbbbbbbbb ", "bbbbbbbbbbbb"}},
		"line breaks stay together":         {a + "\n\n\n\n" + b, []string{a + "\n\n\n\n", b}},
		"blank part left out":               {strings.Repeat(" ", 30) + "a", []string{strings.Repeat(" ", 10) + "a"}},
		"two units are not parted":          {strings.Repeat("x", 19) + "😀", []string{strings.Repeat("x", 19), "😀"}},
		"a flag is not parted":              {strings.Repeat("x", 18) + "🇺🇦", []string{strings.Repeat("x", 18), "🇺🇦"}},
		"a mark stays on its letter":        {strings.Repeat("ش", 20) + "َّ", []string{strings.Repeat("ش", 19), "شَّ"}},
		"a sign that fits nowhere":          {"e" + strings.Repeat("\u0301", 25), []string{"e" + strings.Repeat("\u0301", 19), strings.Repeat("\u0301", 6)}},
		"no spaces between words":           {strings.Repeat("你好。", 8), []string{strings.Repeat("你好。", 6), strings.Repeat("你好。", 2)}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range split(text(tc.in), 20) {
				got = append(got, words(p))
			}
			if tc.in == "" {
				got = nil
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

func TestSplitKeepsStyles(t *testing.T) {
	in := richtext.Text{
		{Text: "first, "}, {Text: strings.Repeat("bold ", 5), Bold: true}, {Text: "and a link that is long", Link: "https://example.org"},
	}
	want := []richtext.Text{
		{{Text: "first, "}, {Text: "bold bold ", Bold: true}},
		{{Text: "bold bold bold ", Bold: true}, {Text: "and ", Link: "https://example.org"}},
		{{Text: "a link that is long", Link: "https://example.org"}},
	}
	if diff := cmp.Diff(want, split(in, 20)); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

func TestPrepare(t *testing.T) {
	long := strings.Repeat("Ein Satz mit Wörtern. ", 400)
	buttons := [][]bot.Button{{{Label: "a", Data: "a"}}}
	for name, tc := range map[string]struct {
		in    bot.Message
		check func(t *testing.T, parts []bot.Message)
	}{
		"a short message is left as it is": {bot.Message{ID: "7", Text: text("hello"), Buttons: buttons}, func(t *testing.T, parts []bot.Message) {
			if diff := cmp.Diff([]bot.Message{{ID: "7", Text: text("hello"), Buttons: buttons}}, parts); diff != "" {
				t.Error(diff)
			}
		}},
		"a long message has its buttons last": {bot.Message{ID: "7", Text: text(long), Buttons: buttons}, func(t *testing.T, parts []bot.Message) {
			if len(parts) != 3 || parts[0].ID != "7.1" || parts[2].ID != "7.3" || parts[0].Buttons != nil || parts[1].Buttons != nil || len(parts[2].Buttons) != 1 {
				t.Errorf("%d parts", len(parts))
			}
		}},
		"preparing twice changes nothing": {bot.Message{ID: "7", Text: text(long), Buttons: buttons}, func(t *testing.T, parts []bot.Message) {
			for _, p := range parts {
				if diff := cmp.Diff([]bot.Message{p}, prepared(t, p)); diff != "" {
					t.Error(diff)
				}
			}
		}},
		"a file has its short text as caption": {bot.Message{ID: "7", Text: text("your data"), File: []byte("{}"), FileName: "d.json"}, func(t *testing.T, parts []bot.Message) {
			if len(parts) != 1 || words(parts[0].Text) != "your data" || parts[0].FileName != "d.json" {
				t.Errorf("%+v", parts)
			}
		}},
		"a file comes after its long text": {bot.Message{ID: "7", Text: text(long[:2000]), File: []byte("{}"), FileName: "d.json", Buttons: buttons}, func(t *testing.T, parts []bot.Message) {
			if len(parts) != 2 || parts[0].File != nil || parts[0].Buttons != nil || parts[1].FileName != "d.json" || parts[1].Text != nil || len(parts[1].Buttons) != 1 {
				t.Errorf("%d parts", len(parts))
			}
		}},
		"long labels are cut between signs": {bot.Message{ID: "7", Text: text("x"), Buttons: [][]bot.Button{{
			{Label: strings.Repeat("🇺🇦", 40), Data: "a"}, {Label: strings.Repeat("a", 64), Data: "b"}, {Label: "word " + strings.Repeat("b", 58) + " and more", Data: "c"},
		}}}, func(t *testing.T, parts []bot.Message) {
			var got []string
			for _, b := range parts[0].Buttons[0] {
				got = append(got, b.Label)
			}
			want := []string{strings.Repeat("🇺🇦", 15) + "…", strings.Repeat("a", 64), "word " + strings.Repeat("b", 58) + "…"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		}},
		"an email address is written out": {bot.Message{ID: "7", Text: richtext.Text{{Text: "Caritas", Link: "mailto:iq@caritas-koblenz.de"}, {Text: " or "}, {Text: "\u2068+49 651 970\u2069", Link: "tel:+49 651 970"}}}, func(t *testing.T, parts []bot.Message) {
			want := richtext.Text{{Text: "Caritas (iq@caritas-koblenz.de)"}, {Text: " or "}, {Text: "\u2068+49 651 970\u2069"}}
			if diff := cmp.Diff(want, parts[0].Text); diff != "" {
				t.Error(diff)
			}
		}},
		"in Arabic the address is isolated": {bot.Message{ID: "7", Text: richtext.Text{{Text: "كاريتاس", Link: "mailto:a@b.de"}}}, func(t *testing.T, parts []bot.Message) {
			if want := "كاريتاس (\u2066a@b.de\u2069)"; words(parts[0].Text) != want {
				t.Errorf("%q, want %q", words(parts[0].Text), want)
			}
		}},
		"a link that no browser takes is a plain label": {bot.Message{ID: "7", Text: richtext.Text{{Text: "a", Link: "https://a.de/" + strings.Repeat("x", maxLink)}}}, func(t *testing.T, parts []bot.Message) {
			if parts[0].Text[0].Link != "" {
				t.Error("the link is kept")
			}
		}},
		"more styles than Telegram shows are spread": {bot.Message{ID: "7", Text: func() (out richtext.Text) {
			for range 150 {
				out = append(out, richtext.Run{Text: "b", Bold: true}, richtext.Run{Text: " "})
			}
			return out
		}()}, func(t *testing.T, parts []bot.Message) {
			if len(parts) != 2 {
				t.Errorf("%d parts", len(parts))
			}
		}},
		"long addresses are spread": {bot.Message{ID: "7", Text: func() (out richtext.Text) {
			for range 10 {
				out = append(out, richtext.Run{Text: "l ", Link: "https://a.de/" + strings.Repeat("x", 1900)})
			}
			return out
		}()}, func(t *testing.T, parts []bot.Message) {
			if len(parts) != 3 {
				t.Errorf("%d parts", len(parts))
			}
		}},
	} {
		t.Run(name, func(t *testing.T) { tc.check(t, prepared(t, tc.in)) })
	}
}

func TestPrepareDoesNotChangeItsArgument(t *testing.T) {
	long := strings.Repeat("x", 100)
	m := bot.Message{ID: "7", Text: richtext.Text{{Text: "a", Link: "mailto:a@b.de"}}, Buttons: [][]bot.Button{{{Label: long, Data: "a"}}}}
	prepared(t, m)
	if m.Buttons[0][0].Label != long || m.Text[0].Link == "" {
		t.Error("it does")
	}
}

func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func FuzzSplitText(f *testing.F) {
	f.Add("**Hello** [world](https://example.org) <b>&amp; mailto [x](mailto:a@b.de)", uint8(5))
	f.Add(strings.Repeat("Zdanie. ", 40)+"\n\n"+strings.Repeat("слово ", 30), uint8(40))
	f.Add(strings.Repeat("👩‍👩‍👧‍👦", 20)+"e"+strings.Repeat("\u0301", 300), uint8(0))
	f.Add("**"+strings.Repeat("مرحبا [\u2068a\u2069](tel:+49) ", 30)+"**", uint8(99))
	f.Add(strings.Repeat("**a**b", 200)+"\r\n\x00\xff", uint8(255))
	f.Fuzz(func(t *testing.T, markup string, size uint8) {
		limit := 16 + int(size)
		in := writable(richtext.Parse(markup))
		parts := split(in, limit)
		var joined strings.Builder
		for i, p := range parts {
			s := words(p)
			joined.WriteString(s)
			switch {
			case !utf8.ValidString(s):
				t.Fatalf("part %d is invalid UTF-8", i)
			case units(s) > limit:
				t.Fatalf("part %d has %d units, at most %d", i, units(s), limit)
			case strings.TrimSpace(s) == "":
				t.Fatalf("part %d is blank", i)
			}
			got, entities, err := botapitest.ParseHTML(html(p))
			if err != nil {
				t.Fatalf("part %d: %v in %q", i, err, html(p))
			}
			if got != s {
				t.Fatalf("part %d reads %q, want %q", i, got, s)
			}
			if len(entities) > 100 {
				t.Fatalf("part %d has %d entities", i, len(entities))
			}
		}
		whole := words(in)
		if got := joined.String(); squeeze(got) != squeeze(whole) {
			t.Fatalf("the parts are %q, the text %q", got, whole)
		}
		// Where a part ends, the reader sees no sign torn apart, unless the sign alone is too long.
		if n := longestSign(whole); n <= limit && len(parts) > 1 {
			signs := 0
			for _, p := range parts {
				signs += uniseg.GraphemeClusterCount(words(p))
			}
			if all := uniseg.GraphemeClusterCount(joined.String()); signs != all && !regional(whole) {
				t.Fatalf("%d signs in the parts, %d in the text", signs, all)
			}
		}
	})
}

// regional says whether s has letters of flags, which pair up anew after a cut.
func regional(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF })
}

func longestSign(s string) (most int) {
	for g := uniseg.NewGraphemes(s); g.Next(); {
		most = max(most, units(g.Str()))
	}
	return most
}

func FuzzEscape(f *testing.F) {
	f.Add(`<b>&amp;"quotes" 'and' &lt;`, "https://a.de/?a=1&b=\"<>")
	f.Add("&#0;&#x26;", "x")
	f.Fuzz(func(t *testing.T, label, link string) {
		in := richtext.Text{{Text: label, Bold: true, Link: "https://a.de/" + link}}
		in = writable(in)
		if len(in) == 0 {
			return
		}
		got, entities, err := botapitest.ParseHTML(html(in))
		if err != nil {
			t.Fatal(err)
		}
		if got != in[0].Text {
			t.Fatalf("%q became %q", in[0].Text, got)
		}
		for _, e := range entities {
			if e.Type == "text_link" && e.URL != in[0].Link {
				t.Fatalf("link %q became %q", in[0].Link, e.URL)
			}
		}
	})
}

func BenchmarkPrepare(b *testing.B) {
	c, err := New(Options{Token: botapitest.DefaultToken})
	if err != nil {
		b.Fatal(err)
	}
	sentence := richtext.Parse("Die **Anerkennung** kostet je nach Beruf verschieden viel, siehe [die Seite](https://example.org/kosten). ")
	for name, n := range map[string]int{"answer of 400 signs": 5, "text of 12000 signs": 140} {
		var t richtext.Text
		for range n {
			t = append(t, sentence...)
		}
		m := bot.Message{ID: "1", Text: t, Buttons: [][]bot.Button{{{Label: "Menü", Data: "m"}}}}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Prepare(m)
			}
		})
	}
}
