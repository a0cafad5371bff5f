package view

import (
	"maps"
	"slices"
	"strconv"
	"text/template"
	"text/template/parse"
)

// Names of the functions that rewrite adds.
const (
	shownAs = "_shown"
	within  = "_within"
)

// rewrite makes a template show all that it shows through the function shownAs, and look
// for keys by the function within, which does not fail where there is no object, wherever
// the value that is looked into may be other than the event. It returns the keys of the
// event that the template names, and whether it may need all of them.
func rewrite(t *template.Template) (keys []string, all bool) {
	w := &rewriter{keys: map[string]bool{}}
	for _, each := range t.Templates() {
		if each.Tree != nil {
			w.list(each.Root, each.Name() == t.Name())
		}
	}
	return slices.Sorted(maps.Keys(w.keys)), w.all
}

type rewriter struct {
	keys map[string]bool
	all  bool
}

// list rewrites what is executed in turn; event says that the dot is the event.
func (w *rewriter) list(l *parse.ListNode, event bool) {
	if l == nil {
		return
	}
	for _, node := range l.Nodes {
		switch n := node.(type) {
		case *parse.ActionNode:
			w.pipe(n.Pipe, event)
			if len(n.Pipe.Decl) == 0 {
				n.Pipe.Cmds = append(n.Pipe.Cmds, call(shownAs, n.Pos))
			}
		case *parse.IfNode:
			w.branch(&n.BranchNode, event, event)
		case *parse.WithNode:
			w.branch(&n.BranchNode, event, false)
		case *parse.RangeNode:
			w.branch(&n.BranchNode, event, false)
		case *parse.TemplateNode:
			w.pipe(n.Pipe, event)
		}
	}
}

// branch rewrites a condition and what is executed if it holds, where the dot may differ.
func (w *rewriter) branch(n *parse.BranchNode, event, eventWithin bool) {
	w.pipe(n.Pipe, event)
	w.list(n.List, eventWithin)
	w.list(n.ElseList, event)
}

func (w *rewriter) pipe(p *parse.PipeNode, event bool) {
	if p == nil {
		return
	}
	for _, cmd := range p.Cmds {
		for i, arg := range cmd.Args {
			cmd.Args[i] = w.arg(arg, event)
		}
	}
}

func (w *rewriter) arg(arg parse.Node, event bool) parse.Node {
	switch n := arg.(type) {
	case *parse.PipeNode:
		w.pipe(n, event)
	case *parse.DotNode:
		w.all = w.all || event
	case *parse.FieldNode:
		if event {
			if w.keys[n.Ident[0]] = true; len(n.Ident) == 1 {
				return n
			}
		}
		return lookup(&parse.DotNode{NodeType: parse.NodeDot, Pos: n.Pos}, n.Ident)
	case *parse.VariableNode:
		switch {
		case len(n.Ident) == 1:
			w.all = w.all || n.Ident[0] == "$"
			return n
		case n.Ident[0] == "$":
			w.keys[n.Ident[1]] = true
		}
		return lookup(&parse.VariableNode{NodeType: parse.NodeVariable, Pos: n.Pos, Ident: n.Ident[:1]}, n.Ident[1:])
	case *parse.ChainNode:
		return lookup(w.arg(n.Node, event), n.Field)
	}
	return arg
}

// lookup returns a call of within.
func lookup(base parse.Node, keys []string) parse.Node {
	args := []parse.Node{base}
	for _, key := range keys {
		args = append(args, &parse.StringNode{NodeType: parse.NodeString, Pos: base.Position(), Quoted: strconv.Quote(key), Text: key})
	}
	cmd := call(within, base.Position(), args...)
	return &parse.PipeNode{NodeType: parse.NodePipe, Pos: base.Position(), Cmds: []*parse.CommandNode{cmd}}
}

func call(function string, pos parse.Pos, args ...parse.Node) *parse.CommandNode {
	name := parse.NewIdentifier(function).SetPos(pos)
	return &parse.CommandNode{NodeType: parse.NodeCommand, Pos: pos, Args: append([]parse.Node{name}, args...)}
}
