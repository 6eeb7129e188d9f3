package locale

import (
	"strings"
	"testing"
	"unicode"
)

// TestScriptOf: what a language is written in is what its texts are in.
func TestScriptOf(t *testing.T) {
	for tag, text := range map[string]string{
		"de": "Geld", "uk": "гроші", "ar": "مال", "fa": "پول", "ti": "ገንዘብ", "am": "ገንዘብ", "ka": "ფული", "hy": "փող",
		"ta": "பணம்", "bn": "টাকা", "th": "เงิน", "hi": "पैसा", "sr-Latn": "novac", "sr": "новац", "he": "כסף", "el": "χρήματα",
	} {
		script := ScriptOf(tag)
		if script == nil || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(script, r) }) {
			t.Errorf("%s is not written as %s is", tag, text)
		}
	}
	if ScriptOf("no tag") != nil {
		t.Error("what is no tag has a script")
	}
}
