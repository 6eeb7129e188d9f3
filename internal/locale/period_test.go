package locale

import "testing"

func TestPeriodInFindsFiguresAndUnitsOfTime(t *testing.T) {
	c := load(t)
	for lang, texts := range map[string]map[string]string{
		"de": {"nach 90 T.": "90", "nach drei Monaten": "Monaten", "in einer Woche": "Woche", "mit einem Mal": "", "": ""},
		"en": {"after three months": "months", "in a Week": "Week", "at once": "", "once more": ""},
		"ar": {"بعد ثلاثة أشهر": "أشهر", "٩٠": "٩٠", "مرة واحدة": "", "شيء واحد": ""},
		"uk": {"через три місяці": "місяці", "пів року": "року", "одразу": ""},
	} {
		for text, want := range texts {
			if got := c.Printer(lang).PeriodIn(text); got != want {
				t.Errorf("%s: in %q it finds %q, want %q", lang, text, got, want)
			}
		}
	}
}
