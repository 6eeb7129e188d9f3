package bot

import "testing"

// What a language model words must be in the script of the language, whichever that is.
func TestWordsAreInTheScriptOfTheLanguage(t *testing.T) {
	for _, tt := range []struct {
		tag, words string
		want       bool
	}{
		{"de", "Die Anerkennung kostet Geld.", true}, {"de", "Визнання коштує грошей.", false}, {"de", "აღიარება ფასიანია.", false},
		{"uk", "Визнання (Anerkennung) коштує грошей.", true}, {"ar", "الاعتراف مكلف", true}, {"fa", "به رسمیت شناختن هزینه دارد", true},
		{"ka", "აღიარება ფასიანია.", true}, {"hy", "Ճանաչումը վճարովի է։", true}, {"ta", "அங்கீகாரம்", true}, {"bn", "স্বীকৃতি", true},
		{"th", "การรับรอง", true}, {"ti", "ኣፍልጦ", true}, {"hi", "मान्यता", true}, {"th", "Recognition costs money.", false},
		{"de", "123 €", false},
	} {
		if got := inScript(tt.words, tt.tag); got != tt.want {
			t.Errorf("inScript(%q, %s) = %t", tt.words, tt.tag, got)
		}
	}
}
