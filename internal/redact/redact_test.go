package redact

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

var cases = []struct{ name, in, want string }{
	{"a question is left alone", "Was kostet die Anerkennung als Pflegefachkraft?", "Was kostet die Anerkennung als Pflegefachkraft?"},
	{"levels, paragraphs and years stay", "Brauche ich B2 nach § 16d AufenthG oder § 81a, BQFG 2012, Abschluss 2015, 2015-2018, Richtlinie 2005/36/EG?", "Brauche ich B2 nach § 16d AufenthG oder § 81a, BQFG 2012, Abschluss 2015, 2015-2018, Richtlinie 2005/36/EG?"},
	{"years stay in the digits of any script", "الشهادة ٢٠١٥، দক্ষতা ২০১৫-২০১৮", "الشهادة ٢٠١٥، দক্ষতা ২০১৫-২০১৮"},
	{"small numbers and amounts stay", "Ich habe 3 Jahre gearbeitet und 600 € oder 1.200 Euro", "Ich habe 3 Jahre gearbeitet und 600 € oder 1.200 Euro"},
	{"e-mail", "schreiben Sie an olena.k@ukr.net bitte", "schreiben Sie an […] bitte"},
	{"e-mail in disguise", "olena (at) web.de", "[…]"},
	{"web address", "siehe https://t.me/abc?x=1 und www.mein-cv.de/olena", "siehe […] und […]"},
	{"public name", "ich bin @olena_k auf Telegram", "ich bin […] auf Telegram"},
	{"telephone", "Rufen Sie an: +49 261 / 12 34-56 oder 0151 2345678.", "Rufen Sie an: […] oder […]."},
	{"telephone in Arabic digits", "هاتفي ٠١٥١٢٣٤٥٦٧٨ شكرا", "هاتفي […] شكرا"},
	{"IBAN", "IBAN DE89 3704 0044 0532 0130 00 gehört mir", "IBAN […] gehört mir"},
	{"passport", "Mein Pass C01X00T47 ist abgelaufen", "Mein Pass […] ist abgelaufen"},
	{"Ukrainian passport", "паспорт FE123456 закінчився", "паспорт […] закінчився"},
	{"case number", "mein Fall IQ-7K2M9AC, Az. LSJV-12/345", "mein Fall […], Az. […]"},
	{"day in figures", "geboren am 03.05.1985 in Kyjiw", "geboren am […] in Kyjiw"},
	{"day with a month in words", "Antrag vom 3. März 2024, March 3, 2024, 5 травня 2024 року", "Antrag vom […] року"},
	{"year of birth", "ich bin 1985 geboren? nein, Jahrgang 1986", "ich bin 1985 geboren? nein, Jahrgang […]"},
	{"year of birth in Ukrainian", "народилася у 1990 в Одесі", "народилася у […] в Одесі"},
	{"street and postcode", "Ich wohne Löhrstraße 12a, 56068 Koblenz und frage", "Ich wohne […] und frage"},
	{"street of several words", "Am Alten Weg 3, 55116 Mainz", "[…]"},
	{"street in Ukrainian", "живу на вул. Шевченка 12, кв. 5", "живу на […]"},
	{"street in Arabic", "أسكن في شارع الحمرا ١٢", "أسكن في […]"},
	{"street in English", "I live at 12 Green Park Road, London", "I live at […]"},
	{"postcode alone", "Beratung in 56068 Koblenz", "Beratung in […] Koblenz"},
	{"name in German", "Ich heiße Olena Kovalenko und bin Ärztin", "Ich heiße […] und bin Ärztin"},
	{"name without capitals", "ich heisse olena kovalenko und bin ärztin", "ich heisse […] und bin ärztin"},
	{"name in English", "My name is Abdul al Rahman. Which documents?", "My name is […]. Which documents?"},
	{"name in Ukrainian", "Мене звати Олена Коваленко, я медсестра", "Мене звати […], я медсестра"},
	{"name in Arabic", "اسمي محمد أحمد وأنا طبيب", "اسمي […] وأنا طبيب"},
	{"name with a form of address", "Frau Müller vom Amt sagt nein, Herr Doktor auch", "Frau […] vom Amt sagt nein, Herr Doktor auch"},
	{"a wife is no form of address", "Meine Frau ist Lehrerin", "Meine Frau ist Lehrerin"},
	{"name at the end", "Was tun? Mit freundlichen Grüßen Olena K.", "Was tun? Mit freundlichen Grüßen […]"},
	{"name with a title", "ich heiße Dr. Oleksandr Petrenko", "ich heiße Dr. […]"},
	{"name after I am", "Hi, I'm John Smith and I am a Syrian nurse", "Hi, I'm […] and I am a Syrian nurse"},
	{"name of a relative", "für meine Tochter Sofia Marchenko, чоловіка звати Петро Бондар", "für meine Tochter […], чоловіка звати […]"},
	{"a family, a surname, a son", "Wir sind Familie Haddad aus Koblenz. My surname is Kovač. Мій син Максим хоче", "Wir sind Familie […] aus Koblenz. My surname is […]. Мій син […] хоче"},
	{"a profession after I am", "Ich bin Ärztin aus Kyjiw. Ich bin Diplom Ingenieur. Я лікарка", "Ich bin Ärztin aus Kyjiw. Ich bin Diplom Ingenieur. Я лікарка"},
	{"e-mail in words", "john dot smith at gmail dot com", "[…]"},
	{"number of a file", "Aktenzeichen 44-2/2023-118, § 4 Nr. 2", "Aktenzeichen […] § 4 Nr. 2"},
	{"Arabic in Latin letters", "baddi e7ki ma3 mowazzaf 7a2i2i", "baddi e7ki ma3 mowazzaf 7a2i2i"},
	{"a name that is on a badge", "my name on the badge is wrong, اسمي مكتوب خطأ", "my name on the badge is wrong, اسمي مكتوب خطأ"},
	{"signs that cannot be seen do not part a number", "01\u200b51\u200b23\u200b45", "[…]"},
	{"stacked titles count as no names", "Frau Dr. Anna Sandmann, Herr Prof. Dr. Farid Weidenfeller, пані Ольга Іванівна Бондар", "Frau Dr. […], Herr Prof. Dr. […], пані […]"},
	{"title and three names in Arabic", "السيد خالد عبد الرحمن المصطفى في حلب", "السيد […] في حلب"},
	{"short greetings at the end", "Wann? Gruss, Olena", "Wann? Gruss, […]"},
	{"thanks at the end", "Danke, Svenja", "Danke, […]"},
	{"thanks that go on", "Danke, Termin habe ich", "Danke, Termin habe ich"},
	{"who writes", "hier schreibt Yohannes aus Koblenz. Ich, Natalija Horbunowa, bitte", "hier schreibt […] aus Koblenz. Ich, […], bitte"},
	{"a given name without any sign", "Kann Nasrin Tahmasebi schon arbeiten?", "Kann […] schon arbeiten?"},
	{"a given name that is a word", "мала надія, немає любові. نور وأمل", "мала надія, немає любові. نور وأمل"},
	{"a name in another case", "документи Олександра Ткаченка", "документи […]"},
	{"a foundation and a university", "Konrad-Adenauer-Stiftung, Johannes Gutenberg University, جامعة الملك سعود", "Konrad-Adenauer-Stiftung, Johannes Gutenberg University, جامعة الملك سعود"},
	{"initials", "Im Pass steht Petrowa I. A. und O. P. Kovalenko", "Im Pass steht […] und […]"},
	{"a year of two figures", "am 12. März 85, am 12. März 12 Uhr", "am […], am 12. März 12 Uhr"},
	{"a day in words", "am vierten Juli 2003", "am […]"},
	{"a street without a word for it", "Am Löwentor 5, 54290 Trier, im Artikel 14", "[…], im Artikel 14"},
	{"a street in other letters", "живу на Шиллерштрассе 12 і باهنهوف شتراسه 7", "живу на […] і […]"},
	{"a room", "Haus C, Zimmer 214", "[…]"},
	{"in the care of", "c/o Familie Lindner, dann", "[…], dann"},
	{"a public name behind a network", "insta: nails.by.alinka", "insta: […]"},
	{"women are no public names", "Partner_innen auf Telegram", "Partner_innen auf Telegram"},
	{"sums of four figures stay", "3000 Euro, 4600 Stunden", "3000 Euro, 4600 Stunden"},
	{"initials alone", "Es geht um M. K., Ärztin. Für О. Г., лікарку. باسم ع. م.", "Es geht um […], Ärztin. Für […], лікарку. باسم […]"},
	{"letters that are nobody's", "z.B. ein B.A. aus den U.S. oder M.Sc., ص.ب", "z.B. ein B.A. aus den U.S. oder M.Sc., ص.ب"},
	{"a name behind the end", "Wie lange dauert das alles? Ljiljana", "Wie lange dauert das alles? […]"},
	{"a name in the last line", "Wie lange dauert das\nLjiljana Sopić", "Wie lange dauert das […]"},
	{"a last line that is no name", "Wie lange dauert das\nin Mainz", "Wie lange dauert das in Mainz"},
	{"a word behind the end", "Was kostet das alles? Danke", "Was kostet das alles? Danke"},
	{"what changed a name", "Seit der Hochzeit bin ich Schreiber, früher Iwanowa", "Seit der Hochzeit bin ich […], früher […]"},
	{"a label", "الاسم: حدّاد", "الاسم: […]"},
	{"a father of somebody", "أنا أبو عدي من حماة، ام اولادي ممرضة", "أنا […] من حماة، ام اولادي ممرضة"},
	{"a name in the letters of home", "I write it 王丽娟 or ሰላም ተክለ, ok?", "I write it […] or […], ok?"},
	{"a language in its letters stays", "我想在德国当护士需要什么文件", "我想在德国当护士需要什么文件"},
	{"a storey and a town before the street", "Essen, Kettwiger Str. 4, 3. OG links, 45127 Essen", "[…]"},
	{"who asks", "Tserendorj and me want to work. Told by Ganbold", "[…] and me want to work. Told by […]"},
	{"lines become one", "eins\n\n  zwei", "eins zwei"},
}

func TestText(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := Text(c.in); got != c.want {
				t.Errorf("Text(%q)\n got %q\nwant %q", c.in, got, c.want)
			}
		})
	}
}

func TestTextIsShort(t *testing.T) {
	got := Text(strings.Repeat("слово ", 400))
	if n := utf8.RuneCountInString(got); n > MaxText || n < MaxText-10 || strings.HasSuffix(got, "сло") {
		t.Errorf("%d characters, ending %q", n, got[len(got)-20:])
	}
}

var (
	manyDigits = regexp.MustCompile(`\p{Nd}{5,}`)
	handle     = regexp.MustCompile(`@[\p{L}\p{N}_]`)
)

// FuzzText holds whatever comes in: nothing that identifies by its form is
// left, and a second time changes nothing.
func FuzzText(f *testing.F) {
	for _, c := range cases {
		f.Add(c.in)
	}
	f.Add("[…] [1234] …]@")
	f.Fuzz(func(t *testing.T, in string) {
		got := Text(in)
		if again := Text(got); again != got {
			t.Errorf("%q\nonce  %q\ntwice %q", in, got, again)
		}
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > MaxText {
			t.Errorf("%q is not valid or too long", got)
		}
		if m := manyDigits.FindString(got); m != "" {
			t.Errorf("%q leaves %q", in, m)
		}
		if m := handle.FindString(got); m != "" {
			t.Errorf("%q leaves %q in %q", in, m, got)
		}
	})
}

func BenchmarkText(b *testing.B) {
	for b.Loop() {
		Text("Ich heiße Olena Kovalenko, Löhrstraße 12, 56068 Koblenz: Was kostet die Anerkennung als Ärztin?")
	}
}
