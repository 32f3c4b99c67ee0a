package archtest

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
)

// A Purity says which words of the language and of package time a pure package
// may use.
type Purity struct {
	Of          []string
	Time        []string // if not nil, the only selectors of package time
	NotTime     []string // selectors of package time never used
	Concurrency bool     // go statements, channels and select are allowed
	Reason      string
}

var clock = []string{
	"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Local", "LoadLocation",
}

// Purities are the pure packages. Test files are free.
var Purities = []Purity{
	{
		Of:     []string{"device/core"},
		Time:   []string{"Duration", "Nanosecond", "Microsecond", "Millisecond", "Second", "Minute", "Hour"},
		Reason: "time comes in as an instant and a goroutine would make the order of events unrepeatable",
	},
	{
		Of: []string{"internal/auth"}, NotTime: clock,
		Reason: "a rule takes now as an argument, so that every expiry can be tested at its edge",
	},
	{
		Of: []string{
			"internal/factor", "internal/signin", "internal/signup", "internal/session", "internal/user",
			"internal/organization", "internal/handshake",
		},
		NotTime: clock, Concurrency: true,
		Reason: "a use case asks its Now field; half an injected clock is worse than none",
	},
}

// CheckPurity parses the pure packages for clocks, goroutines, channels and
// hidden start-up code.
func CheckPurity(tree *Tree, purities []Purity) []Finding {
	var found []Finding
	for _, file := range tree.Files {
		if file.Test || file.Nested != "" {
			continue
		}
		for _, purity := range purities {
			if covers(purity.Of, file.Dir) {
				found = append(found, purity.check(tree, file)...)
			}
		}
	}
	return found
}

func (p Purity) check(tree *Tree, file File) []Finding {
	var found []Finding
	report := func(node ast.Node, what string) {
		found = append(found, Finding{tree.pos(node), what, p.Reason})
	}
	timeName := ""
	for _, imported := range file.Imports {
		switch {
		case imported.Name == ".":
			report(file.AST.Name, "dot-imports "+imported.Path+", which hides where names come from")
		case imported.Path == "time":
			timeName = localName(imported)
		}
	}
	ast.Inspect(file.AST, func(node ast.Node) bool {
		if what := p.banned(node, timeName); what != "" {
			report(node, what)
		}
		return true
	})
	return found
}

func localName(imported Import) string {
	if imported.Name != "" {
		return imported.Name
	}
	return path.Base(imported.Path)
}

// banned names what is wrong with a node, or answers the empty string.
func (p Purity) banned(node ast.Node, timeName string) string {
	switch node := node.(type) {
	case *ast.GoStmt:
		return p.concurrent("go statement")
	case *ast.SelectStmt:
		return p.concurrent("select statement")
	case *ast.ChanType:
		return p.concurrent("channel type")
	case *ast.SendStmt:
		return p.concurrent("channel send")
	case *ast.UnaryExpr:
		if node.Op == token.ARROW {
			return p.concurrent("channel receive")
		}
	case *ast.FuncDecl:
		if node.Recv == nil && node.Name.Name == "init" {
			return "init function"
		}
	case *ast.SelectorExpr:
		if left, ok := node.X.(*ast.Ident); ok && timeName != "" && left.Name == timeName {
			return p.bannedTime(node.Sel.Name)
		}
	}
	return ""
}

func (p Purity) concurrent(what string) string {
	if p.Concurrency {
		return ""
	}
	return what
}

func (p Purity) bannedTime(selector string) string {
	if p.Time != nil && !slices.Contains(p.Time, selector) || slices.Contains(p.NotTime, selector) {
		return "time." + selector
	}
	return ""
}
