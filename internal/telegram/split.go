package telegram

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"iqbot/bot"
	"iqbot/internal/richtext"
)

// Prepare splits m into messages that Telegram takes in one call each. Text
// is cut where a paragraph ends, else a line, else a sentence, else a word,
// and never inside what a reader sees as one sign. The buttons are on the last
// part. A file's text stands under it if it is short enough and before it if
// not. Labels of buttons are cut to [MaxLabel]; in which row they stand is the
// caller's choice. If there is one part, it keeps the ID of m; if there are
// more, theirs are m.ID with ".1", ".2" and so on.
func (c *Client) Prepare(m bot.Message) []bot.Message {
	m.Text = writable(m.Text)
	m.Buttons = shortLabels(m.Buttons)

	var texts []richtext.Text
	if len(m.File) == 0 {
		texts = split(m.Text, MaxText)
	} else if caption := split(m.Text, MaxCaption); len(caption) <= 1 {
		texts = caption
	} else {
		texts = append(split(m.Text, MaxText), nil) // the file itself comes last, without a caption
	}
	if len(texts) == 0 {
		texts = []richtext.Text{nil}
	}

	parts := make([]bot.Message, len(texts))
	for i, t := range texts {
		parts[i] = bot.Message{ID: m.ID, Text: t}
		if len(texts) > 1 {
			parts[i].ID += "." + strconv.Itoa(i+1)
		}
	}
	last := &parts[len(parts)-1]
	last.Buttons, last.File, last.FileName = m.Buttons, m.File, m.FileName
	last.Share, last.ShareLabel = m.Share, m.ShareLabel
	return parts
}

func shortLabels(rows [][]bot.Button) [][]bot.Button {
	rows = slices.Clone(rows)
	for i, row := range rows {
		rows[i] = slices.Clone(row)
		for j := range row {
			rows[i][j].Label = shorten(row[j].Label, MaxLabel)
		}
	}
	return rows
}

// shorten cuts s to limit UTF-16 units between two visible signs and marks the cut.
func shorten(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if units(s) <= limit {
		return s
	}
	const mark = "…"
	n, end, state := 0, 0, -1
	for rest := s; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if n += units(cluster); n > limit-1 {
			break
		}
		end += len(cluster)
	}
	return strings.TrimRightFunc(s[:end], unicode.IsSpace) + mark
}

// units is the length of s in UTF-16 units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// split cuts writable text into parts of at most limit UTF-16 units and
// within the limits of markup. The parts together are the whole text, except that a
// part of nothing but white space, which cannot be sent, is left out.
func split(t richtext.Text, limit int) []richtext.Text {
	if fits(t, limit) { // nearly always, and much cheaper to find out than where to cut
		if blank(t) {
			return nil
		}
		return []richtext.Text{t}
	}
	c := cutter{runs: t, text: words(t), limit: limit}
	c.ends = make([]int, len(t))
	for i, n := 0, 0; i < len(t); i++ {
		n += len(t[i].Text)
		c.ends[i] = n
	}
	var parts []richtext.Text
	for start := 0; start < len(c.text); {
		end := c.next(start)
		if strings.TrimSpace(c.text[start:end]) != "" {
			parts = append(parts, c.slice(start, end))
		}
		start = end
	}
	return parts
}

// fits says whether t is one part.
func fits(t richtext.Text, limit int) bool {
	c := cutter{runs: t}
	var all load
	size := 0
	for i, r := range t {
		size += units(r.Text)
		all.add(c.load(i))
	}
	return size <= limit && !all.over()
}

// cutter splits one text. Positions are byte offsets in it.
type cutter struct {
	runs  richtext.Text
	ends  []int // where each run ends
	text  string
	limit int
}

// The kinds of places to cut at, best first.
const (
	paragraph = iota
	line
	sentence
	word
	sign
	kinds
)

// next returns where the part that begins at start should end.
func (c *cutter) next(start int) int {
	run, _ := slices.BinarySearch(c.ends, start+1) // the run that start is in
	if c.rest(start, run) {
		return len(c.text)
	}
	type place struct{ end, units int }
	var found [kinds]place
	load := c.load(run)
	pos, size, state := start, 0, -1
	for rest := c.window(start); rest != ""; {
		var cluster string
		var bounds int
		cluster, rest, bounds, state = uniseg.StepString(rest, state)
		for c.ends[run] < pos+len(cluster) {
			run++
			load.add(c.load(run))
		}
		n := units(cluster)
		if size+n > c.limit || load.over() {
			break
		}
		pos += len(cluster)
		size += n
		found[kindOf(c.text[start:pos], rest, bounds)] = place{pos, size}
	}
	for _, p := range found {
		// A cut far ahead of the limit would make a stump of a part; a worse
		// kind of place is better than that.
		if p.end > 0 && p.units*2 >= size {
			return p.end
		}
	}
	return c.within(start)
}

// rest says whether all from start on fits into one part, which is nearly
// always so and much cheaper to find out than where to cut.
func (c *cutter) rest(start, run int) bool {
	rest := c.text[start:]
	if len(rest) > 3*c.limit || units(rest) > c.limit { // a unit is at most 3 bytes
		return false
	}
	var all load
	for ; run < len(c.runs); run++ {
		all.add(c.load(run))
	}
	return !all.over()
}

// window is the text from start that the end of a part may depend on: more
// than fits, but not all, so that the work grows with the text and not with its square.
func (c *cutter) window(start int) string {
	w := c.text[start:]
	end := 4*c.limit + 64
	if end >= len(w) {
		return w
	}
	for !utf8.RuneStart(w[end]) {
		end--
	}
	return w[:end]
}

// kindOf tells what kind of place lies between before and after.
func kindOf(before, after string, bounds int) int {
	switch {
	case strings.HasSuffix(before, "\n") && !strings.HasPrefix(after, "\n"):
		if strings.HasSuffix(before, "\n\n") {
			return paragraph
		}
		return line
	case bounds&uniseg.MaskSentence != 0:
		return sentence
	case bounds&uniseg.MaskLine == uniseg.LineCanBreak:
		return word
	}
	return sign
}

// within cuts inside one sign that is too long for a message on its own: a
// letter with thousands of marks, say. No run is so loaded that it fits nowhere.
func (c *cutter) within(start int) int {
	end, size := start, 0
	for end < len(c.text) {
		r, n := utf8.DecodeRuneInString(c.text[end:])
		if size += units(string(r)); size > c.limit && end > start {
			break
		}
		if k, _ := slices.BinarySearch(c.ends, end+1); end > start && c.ends[k]-len(c.runs[k].Text) == end {
			break // a new run: the next part counts its markup
		}
		end += n
	}
	return end
}

// slice returns the runs between two positions.
func (c *cutter) slice(start, end int) richtext.Text {
	var out richtext.Text
	first, _ := slices.BinarySearch(c.ends, start+1)
	for i := first; i < len(c.runs) && c.ends[i]-len(c.runs[i].Text) < end; i++ {
		r := c.runs[i]
		from, to := max(start, c.ends[i]-len(r.Text)), min(end, c.ends[i])
		if from < to {
			r.Text = c.text[from:to]
			out = append(out, r)
		}
	}
	return out
}

// load is what the styles of some runs weigh.
type load struct{ entities, bytes int }

func (l *load) add(m load) { l.entities += m.entities; l.bytes += m.bytes }

func (l load) over() bool { return l.entities > maxEntities || l.bytes > maxMarkup }

// load weighs one run. An entity is three 32-bit numbers on the server's wire,
// a link has its address besides.
func (c *cutter) load(i int) (l load) {
	if c.runs[i].Bold {
		l.add(load{1, 12})
	}
	if link := c.runs[i].Link; link != "" {
		l.add(load{1, 16 + len(link)})
	}
	return l
}
