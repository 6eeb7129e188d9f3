package network

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var professionCases = []struct {
	text string
	want []string
}{
	{"Krankenschwester", []string{"general-nurse"}},
	{"krankenschwestern", []string{"general-nurse"}},
	{"Ich bin Krankenschwester aus der Ukraine", []string{"general-nurse"}},
	{"Kinderkrankenschwester", []string{"paediatric-nurse"}},
	{"Kranken Schwester", []string{"general-nurse"}},
	{"nurse", []string{"general-nurse"}},
	{"Arzt", []string{"physician"}},
	{"Ärztin", []string{"physician"}},
	{"Aerztin", []string{"physician"}},
	{"zahnarzt", []string{"dentist"}},
	{"doctor", []string{"physician"}},
	{"ingeneur", []string{"engineer"}},
	{"i am a civil engineer from syria", []string{"civil-engineer"}},
	{"elektroingenieur", []string{"electrical-engineer"}},
	{"Köchin", []string{"cook"}},
	{"Koch in Damaskus", []string{"cook"}},
	{"Erzieher*in", []string{"early-childhood-educator"}},
	{"Erzieher/-in", []string{"early-childhood-educator"}},
	{"Erzieherinnen", []string{"early-childhood-educator"}},
	{"Hallo, ich möchte meinen Abschluss als Erzieherin anerkennen lassen", []string{"early-childhood-educator"}},
	{"Kfz-Mechatroniker", []string{"motor-vehicle-mechatronics-technician"}},
	{"frisör", []string{"hairdresser"}},
	{"Friseurin", []string{"hairdresser"}},
	{"LKW Fahrer", []string{"truck-driver"}},
	{"Programmierer", []string{"it-specialist-application-development", "software-developer"}}, // ambiguous
	{"Pflegehelfer", []string{"geriatric-nursing-assistant", "nursing-assistant"}},
	{"Dreher", []string{"precision-mechanic", "machining-mechanic"}},
	{"Lehrerin", []string{"primary-school-teacher", "secondary-school-teacher", "grammar-school-teacher", "vocational-school-teacher", "special-needs-teacher"}}, // broad
	{"Lehrer*in", []string{"primary-school-teacher", "secondary-school-teacher", "grammar-school-teacher", "vocational-school-teacher", "special-needs-teacher"}},
	{"blabla", nil},
	{"ich weiß nicht", nil},
	{"медсестра", nil},
	{"", nil},
}

func professionIDs(list []FoundProfession) (out []string) {
	for _, p := range list {
		out = append(out, p.ID)
	}
	return out
}

func TestFindProfessions(t *testing.T) {
	d := directory(t)
	for _, c := range professionCases {
		if diff := cmp.Diff(c.want, professionIDs(d.FindProfessions(c.text))); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.text, diff)
		}
	}
	if got := professionIDs(d.FindProfessions("Ingenieur")); len(got) != MaxProfessions || got[0] != "engineer" {
		t.Errorf("a broad name gives %v", got)
	}
}

// TestEveryProfessionIsFoundByEveryName: at the latest behind those that share an alias.
func TestEveryProfessionIsFoundByEveryName(t *testing.T) {
	d := directory(t)
	for _, p := range d.professions {
		for _, name := range append([]string{p.NameM, p.NameF, p.NameEN}, p.Aliases...) {
			if got := professionIDs(d.FindProfessions(name)); !slices.Contains(got, p.ID) {
				t.Errorf("%s: %v, want %s", name, got, p.ID)
			}
		}
	}
}

func TestProfession(t *testing.T) {
	d := directory(t)
	want := Profession{
		ID: "midwife", NameM: "Hebamme", NameF: "Hebamme", NameEN: "midwife", Kind: "university", Regulated: "federal",
		BodyType: "state-health-authority", BodyRLP: "Landesamt für Soziales, Jugend und Versorgung (LSJV)", LegalBasis: "HebG", LanguageLevel: "B2",
		Aliases:    []string{"Entbindungspfleger", "Geburtshelfer", "Geburtshelferin", "obstetric nurse", "accoucheuse"},
		Confidence: "high", Source: "https://lsjv.rlp.de/de/unsere-aufgaben/arbeit/gesundheitsfachberufe/",
	}
	got, ok := d.Profession("midwife")
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Error(ok, diff)
	}
	if _, ok := d.Profession("astronaut"); ok {
		t.Error("found an astronaut")
	}
	if len(d.professions) != 352 {
		t.Errorf("%d professions, want 352", len(d.professions))
	}
}

func FuzzFindProfessions(f *testing.F) {
	for _, c := range professionCases {
		f.Add(c.text)
	}
	d := directory(f)
	f.Fuzz(func(t *testing.T, text string) {
		got := professionIDs(d.FindProfessions(text))
		if len(got) > MaxProfessions {
			t.Errorf("%d professions", len(got))
		}
		for i, id := range got {
			if _, ok := d.Profession(id); !ok || slices.Contains(got[:i], id) {
				t.Errorf("%s is unknown or stands twice", id)
			}
		}
		if again := professionIDs(d.FindProfessions(text)); !slices.Equal(got, again) {
			t.Errorf("%v, the second time %v", got, again)
		}
	})
}

func BenchmarkFindProfessions(b *testing.B) {
	d := directory(b)
	for _, c := range []struct{ name, text string }{
		{"exact", "Ich bin Krankenschwester"},
		{"mistyped", "ingeneur"},
		{"broad", "Ingenieur"},
		{"nothing", strings.Repeat("Guten Tag, können Sie mir sagen wohin ich mich wenden muss? ", 10)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d.FindProfessions(c.text)
			}
		})
	}
}

func TestOnlyAWholeNameOfAProfessionIsExact(t *testing.T) {
	d := directory(t)
	for text, want := range map[string]bool{"Krankenschwester": true, "Ich bin Erzieherin aus Kyjiw": true, "nurse": true, "ingeneur": false, "frisör": true} {
		if got := d.FindProfessions(text); len(got) == 0 || got[0].Exact != want {
			t.Errorf("%s: %+v, want exact %v", text, got, want)
		}
	}
}

func TestAShortNameTellsBothForms(t *testing.T) {
	for want, p := range map[string]Profession{
		"Hebamme":                                      {NameM: "Hebamme", NameF: "Hebamme"},
		"Koch / Köchin":                                {NameM: "Koch", NameF: "Köchin"},
		"Bäcker/in im Handwerk":                        {NameM: "Bäcker im Handwerk", NameF: "Bäckerin im Handwerk"},
		"Koch/Köchin im Handwerk":                      {NameM: "Koch im Handwerk", NameF: "Köchin im Handwerk"},
		"Facharzt/-ärztin für Orthopädie":              {NameM: "Facharzt für Orthopädie", NameF: "Fachärztin für Orthopädie"},
		"Zahnmedizinische/r Fachangestellte/r":         {NameM: "Zahnmedizinischer Fachangestellter", NameF: "Zahnmedizinische Fachangestellte"},
		"Krankenpfleger/-schwester":                    {NameM: "Krankenpfleger", NameF: "Krankenschwester"},
		"Krankenpfleger / Kranken- und Altenschwester": {NameM: "Krankenpfleger", NameF: "Kranken- und Altenschwester"},
	} {
		if got := p.ShortName("de", 20); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	p := Profession{NameM: "Bäcker", NameF: "Bäckerin", NameEN: "baker who has a very long name"}
	if got := p.ShortName("en", 20); got != p.NameEN {
		t.Errorf("in English it is %q", got)
	}
	if got := p.ShortName("uk", 17); got != "Bäcker / Bäckerin" {
		t.Errorf("what fits is shortened to %q", got)
	}
}

func TestProfessionsHaveNamesInEveryLanguage(t *testing.T) {
	d := directory(t)
	n := 0
	for p := range d.Professions {
		n++
		for _, lang := range []string{"de", "en", "ar", ""} {
			if p.Name(lang) == "" {
				t.Errorf("%s has no name in %q", p.ID, lang)
			}
		}
	}
	if n != len(d.professions) {
		t.Errorf("%d of %d professions", n, len(d.professions))
	}
	p, _ := d.Profession("general-nurse")
	m, _ := d.Profession("midwife")
	if got := []string{p.Name("en"), p.Name("uk"), m.Name("de")}; !slices.Equal(got, []string{"nurse (general care)", "Pflegefachmann / Pflegefachfrau", "Hebamme"}) {
		t.Errorf("the names are %q", got)
	}
}
