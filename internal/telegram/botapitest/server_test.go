package botapitest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

type envelope struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// caller makes calls without a network.
func caller(t testing.TB, s *Server) func(method string, params ...string) envelope {
	client := s.Client()
	return func(method string, params ...string) envelope {
		t.Helper()
		form := url.Values{}
		for i := 0; i < len(params); i += 2 {
			form.Set(params[i], params[i+1])
		}
		return post(t, client, s.URL()+"/bot"+s.Token()+"/"+method, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	}
}

func post(t testing.TB, client *http.Client, address, kind string, body io.Reader) envelope {
	t.Helper()
	resp, err := client.Post(address, kind, body)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var e envelope
	if err := json.NewDecoder(resp.Body).Decode(&e); err != nil {
		t.Fatal(err)
	}
	if want := e.Code; e.OK && resp.StatusCode != 200 || !e.OK && resp.StatusCode != want {
		t.Fatalf("status %d of %+v", resp.StatusCode, e)
	}
	return e
}

func TestParseHTML(t *testing.T) {
	for name, tc := range map[string]struct {
		in, text string
		entities []Entity
		err      string
	}{
		"plain":                     {in: "a & b", text: "a & b"},
		"references":                {in: "&lt;&gt;&amp;&quot;&#39;&#x416;&unknown;&lt", text: "<>&\"'Ж&unknown;&lt"},
		"bold":                      {in: "a <b>b</b>", text: "a b", entities: []Entity{{Type: "bold", Offset: 2, Length: 1}}},
		"offsets in UTF-16":         {in: "😀<i>ж😀</i>", text: "😀ж😀", entities: []Entity{{Type: "italic", Offset: 2, Length: 3}}},
		"nested":                    {in: "<b>a<i>b</i></b>", text: "ab", entities: []Entity{{Type: "bold", Length: 2}, {Type: "italic", Offset: 1, Length: 1}}},
		"capitals":                  {in: "<B>a</b>", text: "a", entities: []Entity{{Type: "bold", Length: 1}}},
		"end tag without a name":    {in: "<b>a</>", text: "a", entities: []Entity{{Type: "bold", Length: 1}}},
		"link":                      {in: `<a href="https://a.de/?a=1&amp;b=2">x</a>`, text: "x", entities: []Entity{{Type: "text_link", Length: 1, URL: "https://a.de/?a=1&b=2"}}},
		"link that leads nowhere":   {in: `<a href="mailto:a@b.de">x</a>`, text: "x"},
		"link without an address":   {in: `<a>https://a.de</a>`, text: "https://a.de", entities: []Entity{{Type: "text_link", Length: 12, URL: "https://a.de"}}},
		"spoiler":                   {in: `<span class="tg-spoiler">a</span>`, text: "a", entities: []Entity{{Type: "spoiler", Length: 1}}},
		"expandable quotation":      {in: `<blockquote expandable>a</blockquote>`, text: "a", entities: []Entity{{Type: "blockquote", Length: 1}}},
		"empty entity":              {in: "a<b></b>", text: "a"},
		"unknown tag":               {in: "ж<p>a</p>", err: `Bad Request: can't parse entities: Unsupported start tag "p" at byte offset 2`},
		"a smaller-than sign":       {in: "1 < 2 >", err: `Bad Request: can't parse entities: Unsupported start tag "" at byte offset 2`},
		"a heart":                   {in: "<3 > 2", err: `Bad Request: can't parse entities: Unsupported start tag "3" at byte offset 0`},
		"no end tag":                {in: "<b>a", err: `Bad Request: can't parse entities: Can't find end tag corresponding to start tag "b"`},
		"no start tag":              {in: "a</b>", err: `Bad Request: can't parse entities: Unexpected end tag at byte offset 1`},
		"crossed":                   {in: "<b><i>a</b></i>", err: `Bad Request: can't parse entities: Unmatched end tag at byte offset 7, expected "</i>", found "</b>"`},
		"half a start tag":          {in: "a<b", err: `Bad Request: can't parse entities: Unclosed start tag at byte offset 1`},
		"half an end tag":           {in: "<b>a</b", err: `Bad Request: can't parse entities: Unclosed end tag at byte offset 4`},
		"half an attribute":         {in: `<a href="x`, err: `Bad Request: can't parse entities: Unclosed start tag at byte offset 0`},
		"attribute without a value": {in: `<a href=`, err: `Bad Request: can't parse entities: Unclosed start tag "a" at byte offset 0`},
		"attribute without a name":  {in: `<a ="x">a</a>`, err: `Bad Request: can't parse entities: Empty attribute name in the tag "a" at byte offset 0`},
		"span of another class":     {in: `<span class="x">a</span>`, err: `Bad Request: can't parse entities: Tag "span" must have class "tg-spoiler" at byte offset 0`},
	} {
		t.Run(name, func(t *testing.T) {
			text, entities, err := ParseHTML(tc.in)
			if tc.err != "" {
				if err == nil || err.Error() != tc.err {
					t.Fatalf("got %v, want %s", err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if text != tc.text {
				t.Errorf("text %q, want %q", text, tc.text)
			}
			if diff := cmp.Diff(tc.entities, entities); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

func FuzzParseHTML(f *testing.F) {
	f.Add(`<b>a<a href='x&amp;"'>b</a></b>&#65;&#x1F600;`)
	f.Add("<span class=tg-spoiler>x</span><")
	f.Fuzz(func(t *testing.T, in string) {
		text, entities, err := ParseHTML(in)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "Bad Request: can't parse entities: ") {
				t.Fatal(err)
			}
			return
		}
		for _, e := range entities {
			if e.Offset < 0 || e.Length < 1 || e.Offset+e.Length > units(text) {
				t.Fatalf("%+v in %q", e, text)
			}
		}
		trimmed, moved := trim(text, entities)
		for _, e := range moved {
			if e.Offset < 0 || e.Length < 1 || e.Offset+e.Length > units(trimmed) {
				t.Fatalf("%+v in %q after trimming", e, trimmed)
			}
		}
	})
}

func TestWhoIsRefused(t *testing.T) {
	s := New(Options{Addr: "-"})
	defer s.Close()
	for path, want := range map[string]string{
		"/":                                "404 Not Found",
		"/botnonsense/getMe":               "404 Not Found",
		"/bot1:wrong/getMe":                "401 Unauthorized",
		"/bot" + s.Token() + "/sendFlower": "404 Not Found: method not found",
		"/bot" + s.Token() + "/GETME":      "0 ",
	} {
		e := post(t, s.Client(), s.URL()+path, "application/json", nil)
		if got := fmt.Sprint(e.Code, " ", e.Description); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if len(s.Faults()) != 1 {
		t.Errorf("faults %q", s.Faults())
	}
}

func TestRefusedMessages(t *testing.T) {
	s := New(Options{Addr: "-"})
	defer s.Close()
	call := caller(t, s)
	s.User(7, "", "").Send("hi")
	s.User(8, "", "")
	s.User(9, "", "").Block()
	s.Group(-5, "x").Migrate(-1005)
	key := func(button string) string { return `{"inline_keyboard":[[` + button + `]]}` }
	many := strings.TrimSuffix(strings.Repeat(`{"text":"a","callback_data":"a"},`, 101), ",")
	for name, tc := range map[string]struct {
		params []string
		want   string
	}{
		"no chat":                  {[]string{"text", "a"}, "Bad Request: chat_id is empty"},
		"unknown chat":             {[]string{"chat_id", "5", "text", "a"}, "Bad Request: chat not found"},
		"chat never opened":        {[]string{"chat_id", "8", "text", "a"}, "Bad Request: chat not found"},
		"blocked":                  {[]string{"chat_id", "9", "text", "a"}, "Forbidden: bot was blocked by the user"},
		"migrated":                 {[]string{"chat_id", "-5", "text", "a"}, "Bad Request: group chat was upgraded to a supergroup chat"},
		"no text":                  {[]string{"chat_id", "7"}, "Bad Request: message text is empty"},
		"blank text":               {[]string{"chat_id", "7", "text", " \n "}, "Bad Request: message text is empty"},
		"blank after parsing":      {[]string{"chat_id", "7", "text", "<b> </b>", "parse_mode", "HTML"}, "Bad Request: message text is empty"},
		"too long":                 {[]string{"chat_id", "7", "text", strings.Repeat("😀", 2049)}, "Bad Request: message is too long"},
		"not UTF-8":                {[]string{"chat_id", "7", "text", "\xff"}, "Bad Request: strings must be encoded in UTF-8"},
		"bad markup":               {[]string{"chat_id", "7", "text", "<x>", "parse_mode", "HTML"}, `Bad Request: can't parse entities: Unsupported start tag "x" at byte offset 0`},
		"unknown mode":             {[]string{"chat_id", "7", "text", "x", "parse_mode", "Word"}, "Bad Request: unsupported parse_mode"},
		"too much markup":          {[]string{"chat_id", "7", "text", strings.Repeat(`<a href="https://a.de/`+strings.Repeat("x", 1000)+`">a</a>`, 10), "parse_mode", "html"}, "Bad Request: ENTITIES_TOO_LONG"},
		"keyboard is no object":    {[]string{"chat_id", "7", "text", "x", "reply_markup", "[]"}, "Bad Request: object expected as reply markup"},
		"data too long":            {[]string{"chat_id", "7", "text", "x", "reply_markup", key(`{"text":"a","callback_data":"` + strings.Repeat("ж", 33) + `"}`)}, "Bad Request: BUTTON_DATA_INVALID"},
		"data empty":               {[]string{"chat_id", "7", "text", "x", "reply_markup", key(`{"text":"a","callback_data":""}`)}, "Bad Request: BUTTON_DATA_INVALID"},
		"bad address":              {[]string{"chat_id", "7", "text", "x", "reply_markup", key(`{"text":"a","url":"mailto:a@b.de"}`)}, "Bad Request: inline keyboard button URL 'mailto:a@b.de' is invalid: Wrong HTTP URL"},
		"button that does nothing": {[]string{"chat_id", "7", "text", "x", "reply_markup", key(`{"text":"a"}`)}, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"},
		"button without a label":   {[]string{"chat_id", "7", "text", "x", "reply_markup", key(`{"callback_data":"a"}`)}, `Bad Request: can't parse inline keyboard button: Can't find field "text"`},
		"too many buttons":         {[]string{"chat_id", "7", "text", "x", "reply_markup", key(strings.ReplaceAll(many, "},{", "}],[{"))}, "Bad Request: reply markup is too long"},
	} {
		t.Run(name, func(t *testing.T) {
			e := call("sendMessage", tc.params...)
			if e.OK || e.Description != tc.want {
				t.Errorf("got %+v", e)
			}
		})
	}
	if e := call("sendMessage", "chat_id", "-5", "text", "a"); e.Parameters.MigrateTo != -1005 {
		t.Errorf("got %+v", e)
	}
	if n := len(s.User(7, "", "").Messages()); n != 0 {
		t.Errorf("%d refused messages arrived", n)
	}
	if f := s.Faults(); len(f) != 0 {
		t.Errorf("faults %q", f)
	}
}

func TestFaultsAreWhatTheRealServerTolerates(t *testing.T) {
	s := New(Options{Addr: "-"})
	defer s.Close()
	call := caller(t, s)
	s.User(7, "", "").Send("hi")
	for _, params := range [][]string{
		{"chat_id", "7", "text", "a", "disable_link_preview", "true"},
		{"chat_id", "7", "text", "*a*", "parse_mode", "MarkdownV2"},
		{"chat_id", "7", "text", "a", "reply_markup", `{"inlineKeyboard":[]}`},
		{"chat_id", "7", "text", strings.Repeat("<b>a</b> ", 101), "parse_mode", "HTML"},
	} {
		if e := call("sendMessage", params...); !e.OK {
			t.Errorf("%q is refused: %+v", params, e)
		}
	}
	if f := s.Faults(); len(f) != 4 {
		t.Errorf("faults %q", f)
	}
}

func TestRequestsInEveryEncoding(t *testing.T) {
	s := New(Options{Addr: "-"})
	defer s.Close()
	u := s.User(7, "", "")
	u.Send("hi")
	base := s.URL() + "/bot" + s.Token() + "/"
	if e := post(t, s.Client(), base+"sendMessage?chat_id=7&text=query", "", nil); !e.OK {
		t.Errorf("query: %+v", e)
	}
	if e := post(t, s.Client(), base+"sendMessage", "application/json", strings.NewReader(`{"chat_id":7,"text":"json","link_preview_options":{"is_disabled":true}}`)); !e.OK {
		t.Errorf("JSON: %+v", e)
	}
	document := func(caption string, data []byte) envelope {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		_ = w.WriteField("chat_id", "7")
		_ = w.WriteField("caption", caption)
		f, _ := w.CreateFormFile("document", "a.json")
		_, _ = f.Write(data)
		w.Close()
		return post(t, s.Client(), base+"sendDocument", w.FormDataContentType(), &b)
	}
	if e := document("caption", []byte("{}")); !e.OK {
		t.Errorf("multipart: %+v", e)
	}
	if e := document(strings.Repeat("a", 1025), []byte("{}")); e.Description != "Bad Request: message caption is too long" {
		t.Errorf("long caption: %+v", e)
	}
	if e := document("", nil); e.Description != "Bad Request: file must be non-empty" {
		t.Errorf("empty file: %+v", e)
	}
	var got []string
	for _, m := range u.Messages() {
		got = append(got, m.Text+m.FileName+string(m.File))
	}
	if diff := cmp.Diff([]string{"query", "json", "captiona.json{}"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestEditingAndPressing(t *testing.T) {
	s := New(Options{Addr: "-"})
	defer s.Close()
	call := caller(t, s)
	u := s.User(7, "uk", "olena")
	u.Send("hi")
	markup := func(label string) string {
		return `{"inline_keyboard":[[{"text":"` + label + `","callback_data":"a"}]]}`
	}
	call("sendMessage", "chat_id", "7", "text", "old", "reply_markup", markup("A"))
	call("sendMessage", "chat_id", "7", "text", "new", "reply_markup", markup("A"))
	edit := func(id int, label string) string {
		return call("editMessageReplyMarkup", "chat_id", "7", "message_id", fmt.Sprint(id), "reply_markup", markup(label)).Description
	}
	if d := edit(3, "B"); d != "" {
		t.Error(d)
	}
	if d := edit(3, "B"); !strings.HasPrefix(d, "Bad Request: message is not modified") {
		t.Error(d)
	}
	if d := edit(99, "B"); d != "Bad Request: message to edit not found" {
		t.Error(d)
	}
	if d := edit(1, "B"); d != "Bad Request: message can't be edited" {
		t.Error(d)
	}
	if last := u.Last(); !last.Edited || last.Buttons()[0] != "B" {
		t.Errorf("the person sees %+v", last)
	}
	if err := u.Press("C"); !errors.Is(err, ErrNoButton) {
		t.Errorf("got %v", err)
	}
	for _, press := range []error{u.Press("A"), u.Press("a"), u.PressIn(2, "A")} {
		if press != nil {
			t.Error(press)
		}
	}
	var updates []struct {
		Query *struct {
			ID      string
			Message struct {
				ID int `json:"message_id"`
			}
		} `json:"callback_query"`
	}
	if err := json.Unmarshal(call("getUpdates").Result, &updates); err != nil {
		t.Fatal(err)
	}
	var pressed []int
	for _, up := range updates[1:] {
		pressed = append(pressed, up.Query.Message.ID)
	}
	if diff := cmp.Diff([]int{2, 3, 2}, pressed); diff != "" {
		t.Error(diff)
	}
	if e := call("answerCallbackQuery", "callback_query_id", updates[1].Query.ID); !e.OK {
		t.Errorf("got %+v", e)
	}
	if e := call("answerCallbackQuery", "callback_query_id", "nonsense"); !strings.HasPrefix(e.Description, "Bad Request: query is too old") {
		t.Errorf("got %+v", e)
	}
	if s.Unanswered() != 2 {
		t.Errorf("%d unanswered", s.Unanswered())
	}
}

func TestQueriesGrowOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Addr: "-"})
		defer s.Close()
		u := s.User(7, "", "")
		u.PressData(5, "a")
		time.Sleep(queryLife + time.Second)
		if e := caller(t, s)("answerCallbackQuery", "callback_query_id", "1"); e.OK {
			t.Error("a query of long ago is answered")
		}
	})
}

func ids(t testing.TB, e envelope) []int64 {
	t.Helper()
	var us []struct {
		ID int64 `json:"update_id"`
	}
	if !e.OK || json.Unmarshal(e.Result, &us) != nil {
		t.Fatalf("got %+v", e)
	}
	out := []int64{}
	for _, u := range us {
		out = append(out, u.ID)
	}
	return out
}

func TestGetUpdates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Addr: "-"})
		defer s.Close()
		call := caller(t, s)
		u := s.User(7, "", "")
		for range 5 {
			u.Send("hi")
		}
		check := func(want []int64, params ...string) {
			t.Helper()
			if diff := cmp.Diff(want, ids(t, call("getUpdates", params...))); diff != "" {
				t.Error(diff)
			}
		}
		check([]int64{101, 102, 103, 104, 105})
		check([]int64{101, 102}, "limit", "2")
		check([]int64{103, 104, 105}, "offset", "103")
		check([]int64{103, 104, 105})
		check([]int64{105}, "offset", "-1")
		start := time.Now()
		check([]int64{}, "offset", "106", "timeout", "900")
		if d := time.Since(start); d != 50*time.Second {
			t.Errorf("an empty poll took %s", d)
		}
		go func() { time.Sleep(5 * time.Second); u.Send("late") }()
		start = time.Now()
		check([]int64{106}, "offset", "106", "timeout", "50")
		if d := time.Since(start); d != 5*time.Second {
			t.Errorf("news took %s", d)
		}
		check([]int64{}, "offset", "107", "allowed_updates", `["message"]`)
		u.PressData(1, "a")
		check([]int64{})                            // taps are not asked for
		check([]int64{}, "allowed_updates", "null") // stays
		u.PressData(1, "a")
		check([]int64{})
		check([]int64{}, "allowed_updates", "[]")
		u.PressData(1, "a")
		check([]int64{107})
	})
}

func TestOnlyOneReceives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Addr: "-", WebhookClient: &http.Client{Transport: refuse{}}})
		defer s.Close()
		call := caller(t, s)
		first := make(chan envelope, 1)
		go func() { first <- call("getUpdates", "timeout", "50") }()
		synctest.Wait()
		second := make(chan envelope, 1)
		go func() { second <- call("getUpdates", "timeout", "50") }()
		if e := <-first; e.Code != 409 || !strings.Contains(e.Description, "terminated by other getUpdates request") {
			t.Errorf("got %+v", e)
		}
		synctest.Wait()
		if e := call("setWebhook", "url", "https://example.org/"); !e.OK {
			t.Errorf("got %+v", e)
		}
		if e := <-second; e.Code != 409 || !strings.Contains(e.Description, "setWebhook") {
			t.Errorf("got %+v", e)
		}
		if e := call("getUpdates"); e.Code != 409 || !strings.Contains(e.Description, "while webhook is active") {
			t.Errorf("got %+v", e)
		}
		if e := call("deleteWebhook"); !e.OK {
			t.Errorf("got %+v", e)
		}
		if e := call("getUpdates"); !e.OK {
			t.Errorf("got %+v", e)
		}
	})
}

type refuse struct{}

func (refuse) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Body.Close()
	return &http.Response{StatusCode: 500, Body: http.NoBody, Header: http.Header{}, Request: r}, nil
}

func TestWebhookDelivery(t *testing.T) {
	s := New(Options{WebhookRetry: time.Millisecond, Seed: 1})
	defer s.Close()
	s.Duplicate(1)
	var mu sync.Mutex
	var got []string
	done := make(chan struct{})
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var u struct {
			Message struct{ Text string }
		}
		_ = json.NewDecoder(r.Body).Decode(&u)
		mu.Lock()
		defer mu.Unlock()
		got = append(got, u.Message.Text+r.Header.Get("X-Telegram-Bot-Api-Secret-Token"))
		if len(got) == 1 {
			w.WriteHeader(500)
		}
		if len(got) == 5 {
			close(done)
		}
	}))
	defer hook.Close()
	client := &http.Client{}
	for address, ok := range map[string]bool{hook.URL: true, "http://example.org": false, "nonsense": false} {
		form := url.Values{"url": {address}, "secret_token": {"!s"}}
		e := post(t, client, s.URL()+"/bot"+s.Token()+"/setWebhook", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
		if e.OK || ok && !strings.Contains(e.Description, "secret token") {
			t.Errorf("%s: %+v", address, e)
		}
	}
	form := url.Values{"url": {hook.URL}, "secret_token": {"!s"[1:]}}
	if e := post(t, client, s.URL()+"/bot"+s.Token()+"/setWebhook", "application/x-www-form-urlencoded", strings.NewReader(form.Encode())); !e.OK {
		t.Fatalf("%+v", e)
	}
	u := s.User(7, "", "")
	u.Send("a")
	u.Send("b")
	<-done
	mu.Lock()
	defer mu.Unlock()
	if diff := cmp.Diff([]string{"as", "as", "as", "bs", "bs"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestFailures(t *testing.T) {
	s := New(Options{})
	defer s.Close()
	u := s.User(7, "", "")
	u.Send("hi")
	address := s.URL() + "/bot" + s.Token() + "/sendMessage?chat_id=7&text=a&parse_mode=HTML"
	for name, tc := range map[string]struct {
		kind      Kind
		status    int
		delivered int
	}{
		"throttle": {Throttle, 429, 0}, "internal": {Internal, 500, 0}, "gateway": {BadGateway, 502, 0}, "unauthorized": {Unauthorized, 401, 0},
		"parse error": {ParseError, 400, 0}, "dropped before": {DropBefore, 0, 0}, "dropped after": {DropAfter, 0, 1}, "slow": {Slow, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(u.Messages())
			s.Fail("sendMessage", 1, tc.kind)
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			if tc.kind == Slow { // it was carried out, and the answer does not come
				go func() {
					defer leave()
					_, _ = u.WaitMessages(ctx, before+1)
				}()
			}
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(request)
			status := 0
			if err == nil {
				status = resp.StatusCode
				resp.Body.Close()
			}
			if status != tc.status {
				t.Errorf("status %d, want %d (%v)", status, tc.status, err)
			}
			if n := len(u.Messages()) - before; n != tc.delivered {
				t.Errorf("%d messages delivered, want %d", n, tc.delivered)
			}
		})
	}
	s.FailRandomly("", 0.5, Internal)
	failed := 0
	call := caller(t, s)
	for range 200 {
		if e := call("getMe"); !e.OK {
			failed++
		}
	}
	if failed < 60 || failed > 140 {
		t.Errorf("%d of 200 failed", failed)
	}
	s.Recover()
	if e := call("getMe"); !e.OK {
		t.Errorf("after recovery: %+v", e)
	}
}

func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Addr: "-", Flood: true})
		defer s.Close()
		call := caller(t, s)
		for i := range 40 {
			s.User(int64(i+1), "", "").Send("hi")
		}
		send := func(chat int) envelope { return call("sendMessage", "chat_id", fmt.Sprint(chat), "text", "a") }
		count := func(n int, chat func(i int) int) (refused int, last envelope) {
			for i := range n {
				if e := send(chat(i)); e.Code == 429 {
					refused++
					last = e
				}
			}
			return refused, last
		}
		if n, e := count(5, func(int) int { return 1 }); n != 2 || e.Parameters.RetryAfter != 1 {
			t.Errorf("%d of 5 to one person refused, %+v", n, e)
		}
		time.Sleep(time.Minute)
		if n, _ := count(40, func(i int) int { return i + 1 }); n != 10 {
			t.Errorf("%d of 40 to all refused", n)
		}
		time.Sleep(time.Minute)
		s.Group(-5, "group")
		if n, e := count(25, func(int) int { return -5 }); n != 5 || e.Parameters.RetryAfter != 3 {
			t.Errorf("%d of 25 to a group refused, %+v", n, e)
		}
	})
}

func TestWaiting(t *testing.T) {
	s := New(Options{Addr: "-"})
	defer s.Close()
	call := caller(t, s)
	u := s.User(7, "", "")
	u.Send("hi")
	go func() {
		call("sendMessage", "chat_id", "7", "text", "one")
		call("sendMessage", "chat_id", "7", "text", "two")
	}()
	ms, err := u.WaitMessages(t.Context(), 2)
	if err != nil || ms[1].Text != "two" {
		t.Errorf("got %v, %v", ms, err)
	}
	m, err := u.Expect(t.Context(), func(m Message) bool { return strings.HasPrefix(m.Text, "o") })
	if err != nil || m.Text != "one" {
		t.Errorf("got %v, %v", m, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := u.WaitMessages(ctx, 3); err == nil || !strings.Contains(err.Error(), "2 of 3 messages") {
		t.Errorf("got %v", err)
	}
}

func TestProfileRules(t *testing.T) {
	s := New(Options{Addr: "-"})
	defer s.Close()
	call := caller(t, s)
	s.User(7, "", "").Send("hi")
	many, _ := json.Marshal(make([]struct{}, 101))
	for name, tc := range map[string]struct {
		method string
		params []string
		want   string
	}{
		"commands":             {"setMyCommands", []string{"commands", `[{"command":"a","description":"b"}]`}, ""},
		"for a chat":           {"setMyCommands", []string{"commands", `[{"command":"a","description":"b"}]`, "scope", `{"type":"chat","chat_id":7}`}, ""},
		"for a stranger":       {"setMyCommands", []string{"commands", `[{"command":"a","description":"b"}]`, "scope", `{"type":"chat","chat_id":8}`}, "Bad Request: chat not found"},
		"unknown scope":        {"setMyCommands", []string{"commands", `[]`, "scope", `{"type":"moon"}`}, "Bad Request: can't parse BotCommandScope: Unsupported type specified"},
		"capitals":             {"setMyCommands", []string{"commands", `[{"command":"A","description":"b"}]`}, "Bad Request: BOT_COMMAND_INVALID"},
		"no description":       {"setMyCommands", []string{"commands", `[{"command":"a","description":""}]`}, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"},
		"too many":             {"setMyCommands", []string{"commands", string(many)}, "Bad Request: BOT_COMMANDS_TOO_MUCH"},
		"no list":              {"setMyCommands", []string{"commands", "a"}, "Bad Request: can't parse commands JSON array"},
		"three letters":        {"setMyDescription", []string{"description", "a", "language_code", "ckb"}, "Bad Request: invalid language code specified"},
		"long description":     {"setMyDescription", []string{"description", strings.Repeat("ж", 513)}, "Bad Request: bot description is too long"},
		"description":          {"setMyDescription", []string{"description", strings.Repeat("ж", 512), "language_code", "uk"}, ""},
		"short description":    {"setMyShortDescription", []string{"short_description", strings.Repeat("ж", 121)}, "Bad Request: bot short description is too long"},
		"name":                 {"setMyName", []string{"name", strings.Repeat("ж", 65)}, "Bad Request: bot name is too long"},
		"an action":            {"sendChatAction", []string{"chat_id", "7", "action", "typing"}, ""},
		"an action of its own": {"sendChatAction", []string{"chat_id", "7", "action", "thinking"}, "Bad Request: wrong parameter action in request"},
	} {
		t.Run(name, func(t *testing.T) {
			if e := call(tc.method, tc.params...); e.Description != tc.want {
				t.Errorf("got %+v", e)
			}
		})
	}
	if got := string(call("getMyCommands").Result); got != `[{"command":"a","description":"b"}]` {
		t.Errorf("commands %s", got)
	}
	if got := string(call("getMyCommands", "language_code", "uk").Result); got != `[]` {
		t.Errorf("commands %s", got)
	}
	if call("deleteMyCommands"); s.Profile("commands", "", "") != "" || s.Profile("commands", "chat:7", "") == "" {
		t.Error("the wrong commands are deleted")
	}
}
