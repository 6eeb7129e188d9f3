package locale

import (
	"testing"
	"time"
)

func TestFormats(t *testing.T) {
	c := load(t)
	day := time.Date(2026, 7, 5, 1, 0, 0, 0, time.FixedZone("", 2*3600))
	almost57 := 0.57
	almost57 *= 100 // 56.99999999999999, which a constant would not be
	tests := []struct {
		name   string
		format func(p *Printer) string
		want   map[string]string
	}{
		{"number", func(p *Printer) string { return p.Number(1234.5) },
			map[string]string{"de": "1.234,5", "en": "1,234.5", "ar": "١٬٢٣٤٫٥", "uk": "1\u00a0234,5"}},
		{"number is rounded", func(p *Printer) string { return p.Number(0.126) },
			map[string]string{"de": "0,13", "en": "0.13", "ar": "٠٫١٣", "uk": "0,13"}},
		{"range", func(p *Printer) string { return p.NumberRange(3, 1200) },
			map[string]string{"de": "3–1.200", "en": "3–1,200", "ar": "٣ إلى ١٬٢٠٠", "uk": "3–1\u00a0200"}},
		{"range of one", func(p *Printer) string { return p.NumberRange(3, 3) },
			map[string]string{"de": "3", "en": "3", "ar": "٣", "uk": "3"}},
		{"percent", func(p *Printer) string { return p.Percent(45.5) },
			map[string]string{"de": "45,5\u00a0%", "en": "45.5%", "ar": "٤٥٫٥٪\u061c", "uk": "45,5%"}},
		{"whole money", func(p *Printer) string { return p.Money(1200, "EUR") },
			map[string]string{"de": "1.200\u00a0€", "en": "€1,200", "ar": "١٬٢٠٠\u00a0يورو", "uk": "1\u00a0200\u00a0€"}},
		{"money with cents", func(p *Printer) string { return p.Money(12.5, "EUR") },
			map[string]string{"de": "12,50\u00a0€", "en": "€12.50", "ar": "١٢٫٥٠\u00a0يورو", "uk": "12,50\u00a0€"}},
		{"money that is whole but for the rounding of floats", func(p *Printer) string { return p.Money(almost57, "EUR") },
			map[string]string{"de": "57\u00a0€", "en": "€57", "ar": "٥٧\u00a0يورو", "uk": "57\u00a0€"}},
		{"sign of letters", func(p *Printer) string { return p.Money(5, "CHF") },
			map[string]string{"de": "5\u00a0CHF", "en": "CHF\u00a05", "ar": "٥\u00a0CHF", "uk": "5\u00a0CHF"}},
		{"no currency", func(p *Printer) string { return p.Money(5, "Taler*") },
			map[string]string{"de": "5\u00a0Taler\\*", "en": "Taler\\*5", "ar": "٥\u00a0\u2068Taler\\*\u2069", "uk": "5\u00a0Taler\\*"}},
		{"money range", func(p *Printer) string { return p.MoneyRange(200, 600, "EUR") },
			map[string]string{"de": "200–600\u00a0€", "en": "€200–600", "ar": "٢٠٠ إلى ٦٠٠\u00a0يورو", "uk": "200–600\u00a0€"}},
		{"money range with cents", func(p *Printer) string { return p.MoneyRange(0, 25.5, "EUR") },
			map[string]string{"de": "0,00–25,50\u00a0€", "en": "€0.00–25.50", "ar": "٠٫٠٠ إلى ٢٥٫٥٠\u00a0يورو", "uk": "0,00–25,50\u00a0€"}},
		{"money range of one", func(p *Printer) string { return p.MoneyRange(5, 5, "EUR") },
			map[string]string{"de": "5\u00a0€", "en": "€5", "ar": "٥\u00a0يورو", "uk": "5\u00a0€"}},
		{"one month", func(p *Printer) string { return p.Duration(1, "month") },
			map[string]string{"de": "1 Monat", "en": "1 month", "ar": "شهر واحد", "uk": "1 місяць"}},
		{"months", func(p *Printer) string { return p.Duration(11, "month") },
			map[string]string{"de": "11 Monate", "en": "11 months", "ar": "١١ شهرًا", "uk": "11 місяців"}},
		{"3 to 4 months", func(p *Printer) string { return p.DurationRange(3, 4, "month") },
			map[string]string{"de": "3–4 Monate", "en": "3–4 months", "ar": "٣ إلى ٤ أشهر", "uk": "3–4 місяці"}},
		{"1 to 2 weeks", func(p *Printer) string { return p.DurationRange(1, 2, "week") },
			map[string]string{"de": "1–2 Wochen", "en": "1–2 weeks", "ar": "أسبوع واحد إلى أسبوعين", "uk": "1–2 тижні"}},
		{"20 to 21 years", func(p *Printer) string { return p.DurationRange(20, 21, "year") },
			map[string]string{"de": "20–21 Jahre", "en": "20–21 years", "ar": "٢٠ إلى ٢١ سنة", "uk": "20–21 рік"}},
		{"range of one hour", func(p *Printer) string { return p.DurationRange(1, 1, "hour") },
			map[string]string{"de": "1 Stunde", "en": "1 hour", "ar": "ساعة واحدة", "uk": "1 година"}},
		{"a period of days", func(p *Printer) string { return p.Period(90 * 24 * time.Hour) },
			map[string]string{"de": "90 Tage", "en": "90 days", "ar": "٩٠ يومًا", "uk": "90 днів"}},
		{"a period that is no whole day", func(p *Printer) string { return p.Period(49 * time.Hour) },
			map[string]string{"de": "3 Tage", "en": "3 days", "ar": "٣ أيام", "uk": "3 дні"}},
		{"a short period", func(p *Printer) string { return p.Period(90 * time.Minute) },
			map[string]string{"de": "2 Stunden", "en": "2 hours", "ar": "ساعتين", "uk": "2 години"}},
		{"a period of a day", func(p *Printer) string { return p.Period(24 * time.Hour) },
			map[string]string{"de": "1 Tag", "en": "1 day", "ar": "يوم واحد", "uk": "1 день"}},
		{"a period of years", func(p *Printer) string { return p.Period(2 * 365 * 24 * time.Hour) },
			map[string]string{"de": "2 Jahre", "en": "2 years", "ar": "سنتين", "uk": "2 роки"}},
		{"unknown unit", func(p *Printer) string { return p.DurationRange(1, 2, "moon") },
			map[string]string{"de": "", "en": "", "ar": "", "uk": ""}},
		{"date", func(p *Printer) string { return p.Date(day) },
			map[string]string{"de": "5. Juli 2026", "en": "5 July 2026", "ar": "٥ تموز/يوليو ٢٠٢٦", "uk": "5 липня 2026 року"}},
		{"month", func(p *Printer) string { return p.Month(2026, time.July) },
			map[string]string{"de": "Juli 2026", "en": "July 2026", "ar": "تموز/يوليو ٢٠٢٦", "uk": "липень 2026 року"}},
		{"no month", func(p *Printer) string { return p.Month(2026, 13) },
			map[string]string{"de": "2026", "en": "2026", "ar": "٢٠٢٦", "uk": "2026"}},
		{"as of a day", func(p *Printer) string { return p.AsOf("2026-07-05") },
			map[string]string{"de": "5. Juli 2026", "en": "5 July 2026", "ar": "٥ تموز/يوليو ٢٠٢٦", "uk": "5 липня 2026 року"}},
		{"as of a month", func(p *Printer) string { return p.AsOf("2026-07") },
			map[string]string{"de": "Juli 2026", "en": "July 2026", "ar": "تموز/يوليو ٢٠٢٦", "uk": "липень 2026 року"}},
		{"as of a year", func(p *Printer) string { return p.AsOf("2026") },
			map[string]string{"de": "2026", "en": "2026", "ar": "٢٠٢٦", "uk": "2026"}},
		{"as of years", func(p *Printer) string { return p.AsOf("2015-2018") },
			map[string]string{"de": "2015–2018", "en": "2015–2018", "ar": "٢٠١٥ إلى ٢٠١٨", "uk": "2015–2018"}},
		{"as of something else", func(p *Printer) string { return p.AsOf("*Mai*") },
			map[string]string{"de": `\*Mai\*`, "en": `\*Mai\*`, "ar": "\u2068\\*Mai\\*\u2069", "uk": `\*Mai\*`}},
		{"as of a day that is not", func(p *Printer) string { return p.AsOf("2026-02-30") },
			map[string]string{"de": "2026-02-30", "en": "2026-02-30", "ar": "\u20682026-02-30\u2069", "uk": "2026-02-30"}},
		{"name of a language", func(p *Printer) string { return p.LanguageName("ar") },
			map[string]string{"de": "Arabisch", "en": "Arabic", "ar": "العربية", "uk": "арабська"}},
		{"name of no language", func(p *Printer) string { return p.LanguageName("xx") + p.LanguageName("") + p.LanguageName("und") },
			map[string]string{"de": "", "en": "", "ar": "", "uk": ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for tag, want := range tt.want {
				if got := tt.format(c.Printer(tag)); got != want {
					t.Errorf("%s: got %+q, want %+q", tag, got, want)
				}
			}
		})
	}
}
