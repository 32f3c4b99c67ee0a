package prompt

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// drawing is what is on the screen now.
type drawing struct {
	interrupt func()
	width     int
	waiting   string // what is waited for while nothing is asked
	over      bool

	q     *asked
	field field
	// focus is the choice that Enter takes, or -1: what was typed.
	focus   int
	problem string
}

// Styles. The renderer leaves out what the terminal, or NO_COLOR, does not want;
// nothing is said by colour alone.
const (
	bold  = "\x1b[1m"
	faint = "\x1b[2m"
	red   = "\x1b[31m"
	green = "\x1b[32m"
	cyan  = "\x1b[36m"
	reset = "\x1b[m"
)

// Init implements [tea.Model].
func (*drawing) Init() tea.Cmd { return nil }

// Update implements [tea.Model].
func (d *drawing) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch m := message.(type) {
	case tea.WindowSizeMsg:
		d.width = m.Width
	case asked:
		d.ask(m)
	case said:
		return d, tea.Println(m.text)
	case busy:
		d.waiting = m.what
	case over:
		d.over, d.q = true, nil
		return d, tea.Quit
	case tea.PasteMsg:
		if d.q != nil && !d.q.q.Menu {
			d.field.insert(m.Content)
			d.focus = -1
		}
	case tea.KeyPressMsg:
		return d, d.press(m)
	}
	return d, nil
}

func (d *drawing) ask(a asked) {
	d.q, d.field, d.focus, d.problem, d.waiting = &a, field{}, -1, a.q.Problem, ""
	if a.q.Menu {
		d.focus = 0
	}
}

func (d *drawing) press(m tea.KeyPressMsg) tea.Cmd {
	key := m.String()
	if key == "ctrl+c" || (key == "ctrl+d" && d.q != nil && len(d.field.text) == 0) {
		return d.stop()
	}
	if d.q == nil {
		return nil
	}
	choices := d.q.q.Choices
	lowest := -1
	if d.q.q.Menu {
		lowest = 0
	}
	switch {
	case key == "enter" || key == "ctrl+j":
		return d.enter()
	case key == "down" || key == "tab":
		if d.focus++; d.focus >= len(choices) {
			d.focus = lowest
		}
	case key == "up" || key == "shift+tab":
		if d.focus--; d.focus < lowest {
			d.focus = len(choices) - 1
		}
	case d.q.q.Menu:
		if n, err := strconv.Atoi(key); err == nil && n >= 1 && n <= len(choices) {
			d.focus = n - 1
			return d.enter()
		}
	case m.Text != "":
		d.focus = -1
		d.field.insert(m.Text)
	default:
		d.field.press(key)
	}
	return nil
}

func (d *drawing) stop() tea.Cmd {
	if d.q != nil {
		d.q.reply <- reply{err: ErrInterrupted}
		d.q = nil
	} else if d.interrupt != nil {
		d.interrupt()
	}
	return nil
}

// enter answers, and leaves a line that says what was answered.
func (d *drawing) enter() tea.Cmd {
	q := d.q.q
	title, text := q.Title, string(d.field.text)
	if !q.Secret {
		text = strings.TrimSpace(text)
	}
	answer, said := Answer{Text: text}, text
	switch {
	case d.focus >= 0:
		answer, said = Answer{Key: q.Choices[d.focus].Key}, q.Choices[d.focus].Label
	case text == "" && !q.Optional:
		d.problem = "Nothing was entered."
		return nil
	case text == "":
		said = "(none)"
	case q.Secret:
		said = "(hidden)"
	}
	d.q.reply <- reply{answer: answer}
	d.q, d.field = nil, field{}
	line := "✓ " + shown(title) + ": " + shown(said)
	if Colour() { // the renderer prints what goes above as it is
		line = green + "✓ " + reset + shown(title) + ": " + faint + shown(said) + reset
	}
	return tea.Println(ansi.Truncate(line, d.columns(), "…"))
}

// View implements [tea.Model].
func (d *drawing) View() tea.View {
	switch {
	case d.over:
		return tea.NewView("")
	case d.q == nil && d.waiting != "":
		return tea.NewView(faint + shown(d.waiting) + " …" + reset)
	case d.q == nil:
		return tea.NewView("")
	}
	q := d.q.q
	lines := []string{bold + shown(q.Title) + reset}
	if q.Hint != "" {
		lines = append(lines, d.wrapped(shown(q.Hint), faint)...)
	}
	var cursor *tea.Cursor
	if !q.Menu {
		text, column := d.field.window(max(d.columns()-3, 8), q.Secret)
		if d.focus < 0 {
			cursor = tea.NewCursor(2+column, len(lines))
		}
		lines = append(lines, d.marked(d.focus < 0, text))
	}
	if d.problem != "" {
		lines = append(lines, d.wrapped("✗ "+shown(d.problem), red)...)
	}
	for i, c := range q.Choices {
		label := shown(c.Label)
		if q.Menu {
			label = strconv.Itoa(i+1) + ". " + label
		}
		lines = append(lines, d.marked(d.focus == i, label))
	}
	lines = append(lines, d.wrapped(keys(q), faint)...)
	v := tea.NewView(strings.Join(lines, "\n"))
	v.Cursor = cursor
	return v
}

// keys says which keys do what.
func keys(q Question) string {
	switch {
	case q.Menu:
		return "↑ ↓ choose · Enter continue · Ctrl-C cancel"
	case len(q.Choices) > 0:
		return "Enter continue · ↓ other choices · Ctrl-C cancel"
	default:
		return "Enter continue · Ctrl-C cancel"
	}
}

// marked is a line with the mark of what Enter takes.
func (d *drawing) marked(here bool, text string) string {
	if here {
		return cyan + "> " + reset + text
	}
	return "  " + text
}

func (d *drawing) wrapped(text, style string) []string {
	out := strings.Split(ansi.Wrap(text, d.columns(), ""), "\n")
	for i := range out {
		out[i] = style + out[i] + reset
	}
	return out
}

func (d *drawing) columns() int {
	if d.width <= 0 {
		return 80
	}
	return d.width
}
