package locale

import (
	"testing"
	"unicode"
)

func TestMainScript(t *testing.T) {
	for text, want := range map[string]Script{
		"Was kostet das?": unicode.Latin,
		"сколько":         unicode.Cyrillic,
		"كم IHK التكلفة":  unicode.Arabic,
		"რა ღირს":         unicode.Georgian,
		"որքան արժե":      unicode.Armenian,
		"எவ்வளவு":         unicode.Tamil,
		"কত খরচ":          unicode.Bengali,
		"ราคาเท่าไหร่":    unicode.Thai,
		"ከፍያ ስንት ነው":      unicode.Ethiopic,
		"これは":             unicode.Hiragana,
		"12345 ?! ٣":      nil,
		"":                nil,
		"पैसा कितना लगेगा": unicode.Devanagari,
	} {
		if got := MainScript(text); got != want {
			t.Errorf("MainScript(%q) is another script", text)
		}
	}
}

// TestScriptOf: what a language is written in is what its texts are in.
func TestScriptOf(t *testing.T) {
	for tag, text := range map[string]string{
		"de": "Geld", "uk": "гроші", "ar": "مال", "fa": "پول", "ti": "ገንዘብ", "am": "ገንዘብ", "ka": "ფული", "hy": "փող",
		"ta": "பணம்", "bn": "টাকা", "th": "เงิน", "hi": "पैसा", "sr-Latn": "novac", "sr": "новац", "he": "כסף", "el": "χρήματα",
	} {
		if ScriptOf(tag) == nil || ScriptOf(tag) != MainScript(text) {
			t.Errorf("%s is not written as %s is", tag, text)
		}
	}
	if ScriptOf("no tag") != nil {
		t.Error("what is no tag has a script")
	}
}
