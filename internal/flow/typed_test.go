package flow

import (
	"strconv"
	"testing"
)

func TestNumbersAndDatesOfEveryScript(t *testing.T) {
	for in, want := range map[string]string{
		"12": "12", "٢٥": "25", "۲۵": "25", "2,5": "2.5", "2.5": "2.5", "1.200": "1200", "1 200 000": "1200000", "1’200": "1200", "-3": "-3", "٢٫٥": "2.5",
		"": "", "zwei": "", "1e3": "", "Inf": "", "0x10": "", "1.2.3": "", "--1": "",
	} {
		if n, ok := number(in); ok != (want != "") || ok && strconv.FormatFloat(n, 'f', -1, 64) != want {
			t.Errorf("number(%q) = %v, %v; want %q", in, n, ok, want)
		}
	}
	for in, want := range map[string]string{
		"24.11.2026": "2026-11-24", "1.2.1990": "1990-02-01", "24/11/2026": "2026-11-24", "2026-11-24": "2026-11-24", "٢٤/١١/٢٠٢٦": "2026-11-24", "24 11 2026": "2026-11-24", "24. 11. 2026": "2026-11-24",
		"31.2.2026": "", "24.11.26": "", "heute": "", "13/13/2026": "", "": "", "0.0.2026": "",
	} {
		if got, ok := date(in); got != want || ok != (want != "") {
			t.Errorf("date(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
	low, high := 1.0, 5.0
	bounded := &askStep{yamlAsk: yamlAsk{Min: &low, Max: &high}}
	for in, ok := range map[string]bool{"0": false, "1": true, "5": true, "5,1": false} {
		if _, got := readAs(InputNumber, bounded, in); got != ok {
			t.Errorf("%s between 1 and 5: %v", in, got)
		}
	}
	for in, ok := range map[string]bool{"56068": true, "٥٦٠٦٨": true, "D-56068": true, "5606": false, "560681": false} {
		if _, got := readAs(InputPostcode, &askStep{}, in); got != ok {
			t.Errorf("postcode %s: %v", in, got)
		}
	}
}
