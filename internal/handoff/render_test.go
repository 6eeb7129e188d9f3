package handoff

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iqbot/bot"
	"iqbot/internal/locale"
	"iqbot/internal/richtext"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func testRenderer(tb testing.TB) *Renderer {
	tb.Helper()
	catalog, err := locale.Load(os.DirFS("testdata"))
	if err != nil {
		tb.Fatal(err)
	}
	titles := map[string]string{"costs": "Was kostet die Anerkennung?"}
	return NewRenderer(func() *locale.Printer { return catalog.Printer("de") }, func(topic string) string { return titles[topic] }, time.FixedZone("CET", 3600))
}

var testCase = bot.Case{
	ID: "IQ-7K2M9", Chat: "telegram:4711", Opened: time.Date(2026, 11, 24, 22, 5, 0, 0, time.UTC),
	Language: "ar", Topic: "costs", Place: "Mayen (Landkreis Mayen-Koblenz)",
	Words: "أنا ممرضة من سوريا.\r\nرقمي 0176 1234567 (مساءً)\n\nDanke **sehr** [hier](https://example.org) \u202eabc",
	Reach: "phone", Address: "+49 (0)176 / 123-4567", Consent: "2026-11",
}

// visible shows runs as markup and direction signs by name.
func visible(t richtext.Text) string {
	var b strings.Builder
	for _, r := range t {
		text := richtext.Escape(r.Text)
		if r.Link != "" {
			text = "[" + text + "](" + r.Link + ")"
		}
		if r.Bold {
			text = "**" + text + "**"
		}
		b.WriteString(text)
	}
	return signs.Replace(b.String()) + "\n"
}

var signs = strings.NewReplacer("\u2068", "<FSI>", "\u2069", "<PDI>", "\u200e", "<LRM>", "\u200f", "<RLM>", "\u202e", "<RLO>")

func TestNotificationGolden(t *testing.T) {
	r := testRenderer(t)
	english := testCase
	english.Language, english.Topic, english.Place, english.Words = "en", "", "", "Hello"
	reach := func(how, address string) bot.Case {
		c := english
		c.Reach, c.Address = how, address
		return c
	}
	tests := []struct {
		name string
		n    bot.Notification
	}{
		{"arabic", bot.Notification{Case: testCase}},
		{"repeated", bot.Notification{Case: reach("telegram", "@amal_99"), Attempts: 2}},
		{"email", bot.Notification{Case: reach("email", "amal.k+iq@example.org")}},
		{"forged", bot.Notification{Case: bot.Case{ID: "IQ-1", Opened: testCase.Opened, Language: "xx", Topic: "no-such",
			Place: "Koblenz\n**Bitte anrufen:** 0900 1", Words: "ok\u2028**Bitte anrufen:** 0900 1\rRückruf", Reach: "pigeon", Address: "roof\n**Ort:** Rom"}}},
		{"bare", bot.Notification{Case: bot.Case{ID: "IQ-2", Opened: testCase.Opened}}},
		{"withdrawn", bot.Notification{Case: testCase, Withdrawn: true, Attempts: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := "Betreff: " + r.Subject(tt.n) + "\n\n" + visible(r.Text(tt.n))
			golden(t, tt.name, got)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestWithdrawnHoldsTheNumberOnly: a store that forgot to empty the case does no harm.
func TestWithdrawnHoldsTheNumberOnly(t *testing.T) {
	n := bot.Notification{Case: testCase, Withdrawn: true}
	text := testRenderer(t).Text(n).Plain()
	for _, personal := range []string{"سوريا", "176", "Mayen", "kostet", "Arabisch"} {
		if strings.Contains(text, personal) {
			t.Errorf("%q is in %q", personal, text)
		}
	}
}

func TestReach(t *testing.T) {
	tests := []struct{ name, reach, address, want string }{
		{"a German number", "phone", "0261 / 1234-56", "[0261123456](tel:0261123456)"},
		{"a zero that is for Germany only", "phone", "+49 (0)261 123456", "[+49261123456](tel:+49261123456)"},
		{"the same after 00", "phone", "0049(0)261.123456", "[0049261123456](tel:0049261123456)"},
		{"an area code in brackets", "phone", "(0261) 123456", "[0261123456](tel:0261123456)"},
		{"Arabic digits", "phone", "٠١٧٦ ١٢٣٤٥٦٧", "[01761234567](tel:01761234567)"},
		{"Persian digits", "phone", "+۴۹ ۱۷۶ ۱۲۳۴۵۶۷", "[+491761234567](tel:+491761234567)"},
		{"mathematical digits", "phone", "\U0001d7ce\U0001d7cf\U0001d7d8234567", "[010234567](tel:010234567)"},
		{"a number with words stays as it is", "phone", "0176 1234567 after 5", "0176 1234567 after 5"},
		{"a plus within", "phone", "0176+1234567", "0176+1234567"},
		{"too short", "phone", "1234", "1234"},
		{"too long", "phone", "1234567890123456", "1234567890123456"},
		{"an address", "email", "a.b@example.org", "[a.b@example.org](mailto:a.b@example.org)"},
		{"an address with headers hidden in it", "email", "a@example.org?bcc=b@example.org", "a@example.org?bcc=b@example.org"},
		{"an address with a name", "email", "A <a@example.org>", "A <a@example.org>"},
		{"no address", "email", "at home", "at home"},
		{"a username", "telegram", "@amal_99", "[@amal_99](https://t.me/amal_99)"},
		{"a username without its sign", "telegram", "amal_99", "[@amal_99](https://t.me/amal_99)"},
		{"no username", "telegram", "Amal K.", "Amal K."},
		{"markup in place of a username", "telegram", "[x](https://evil.example)", `\[x\](https://evil.example)`},
	}
	r := testRenderer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := r.Text(bot.Notification{Case: bot.Case{ID: "IQ-1", Reach: tt.reach, Address: tt.address}})
			lines := strings.Split(strings.TrimSpace(visible(text)), "\n")
			_, got, _ := strings.Cut(lines[len(lines)-1], ":** ")
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func linksOf(t richtext.Text) (links []string) {
	for _, r := range t {
		if r.Link != "" {
			links = append(links, r.Link)
		}
	}
	return links
}

// TestMessageIDs: the list is what the catalogue of the tests has, so each id is in use or this fails.
func TestMessageIDs(t *testing.T) {
	catalog, err := locale.Load(os.DirFS("testdata"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(catalog.Check(MessageIDs()), catalog.Unused(MessageIDs())...) {
		if !strings.Contains(f.Reason, "unit.") {
			t.Error(f)
		}
	}
}

// FuzzText: whatever a person writes, there are exactly the lines that the
// fields need, each of their own lines is quoted, isolates are balanced in
// every line, and the only link is the one to reach them.
func FuzzText(f *testing.F) {
	f.Add(testCase.Words, testCase.Place, testCase.Address)
	f.Add("**", "[a](https://b)", "@abcd")
	f.Add("\u2067\u202e\n\u2069", "\u2068", "0261 123456")
	r := testRenderer(f)
	f.Fuzz(func(t *testing.T, words, place, address string) {
		for _, how := range []string{"phone", "email", "telegram", ""} {
			text := r.Text(bot.Notification{Case: bot.Case{ID: "IQ-1", Words: words, Place: place, Reach: how, Address: address}})
			plain := text.Plain()
			_, quoted, hasWords := strings.Cut(plain, "\nIn eigenen Worten:\n")
			if hasWords {
				for line := range strings.SplitSeq(quoted, "\n") {
					if !strings.HasPrefix(line, "> ") {
						t.Errorf("a line is not quoted: %q in %q", line, quoted)
					}
				}
			}
			head := strings.TrimSuffix(plain, quoted)
			if n := strings.Count(head, "\n"); n > 8 {
				t.Errorf("%d lines before the words: %q", n, head)
			}
			for line := range strings.SplitSeq(plain, "\n") {
				if strings.Count(line, "\u2068") != strings.Count(line, "\u2069") {
					t.Errorf("unbalanced isolates: %q", line)
				}
			}
			if links := linksOf(text); len(links) > 1 {
				t.Errorf("links: %q", links)
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	r := testRenderer(b)
	b.ReportAllocs()
	for b.Loop() {
		r.Text(bot.Notification{Case: testCase})
	}
}
