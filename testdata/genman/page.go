package main

import (
	"strings"

	"github.com/spf13/cobra"

	"auditctl/cmd"
)

// environment are the environment variables that commands use.
var environment = [][2]string{
	{cmd.EnvVar("AGENT_ID") + ", " + cmd.EnvVar("SESSION_ID") + ", " + cmd.EnvVar("TURN_ID"), "Default ids of the events that emit creates."},
	{"NO_COLOR", "If not empty, turns colour off."},
	{"COLUMNS", "Width of the output of cat and stats, instead of that of the terminal."},
	{"TERM", "If dumb, neither colour nor progress is shown."},
	{"TZ", "The time zone of local times."},
}

// page returns the man page of a command.
func page(c *cobra.Command) []byte {
	c.InitDefaultHelpFlag()
	root := c.Root().Name()
	r := &roff{}
	r.title(pageName(c), root)
	r.section("NAME")
	r.text(pageName(c) + " - " + c.Short)
	r.section("SYNOPSIS")
	r.text(c.UseLine())

	r.section("DESCRIPTION")
	var statuses string
	for i, paragraph := range strings.Split(description(c), "\n\n") {
		list, ok := strings.CutPrefix(paragraph, "Exit status: ")
		switch {
		case ok:
			statuses = list
		case i == 0:
			r.text(paragraph)
		default:
			r.paragraph(paragraph)
		}
	}
	if c.HasSubCommands() {
		r.section("COMMANDS")
		for _, sub := range c.Commands() {
			r.item(sub.Name(), sub.Short)
		}
	}
	r.section("OPTIONS")
	groups := cmd.FlagGroups(c)
	for _, group := range groups {
		if len(groups) > 1 {
			r.subsection(group.Name)
		}
		for _, f := range group.Flags {
			r.item(cmd.DescribeFlag(f))
		}
	}
	if c.HasExample() {
		r.section("EXAMPLES")
		r.verbatim(c.Example)
	}
	if statuses != "" {
		r.section("EXIT STATUS")
		for _, status := range strings.Split(strings.TrimSuffix(statuses, "."), ";") {
			number, meaning, _ := strings.Cut(strings.TrimSpace(status), " ")
			r.item(number, meaning)
		}
	}
	if !c.HasParent() {
		r.section("ENVIRONMENT")
		for _, variable := range environment {
			r.item(variable[0], variable[1])
		}
	}
	r.section("SEE ALSO")
	r.references(related(c))
	return r.bytes()
}

// pageName is the name of a command's page: auditctl-filter.
func pageName(c *cobra.Command) string {
	return strings.ReplaceAll(c.CommandPath(), " ", "-")
}

func description(c *cobra.Command) string {
	if c.Long != "" {
		return c.Long
	}
	return c.Short + "."
}

// related returns the pages of the commands above and below c.
func related(c *cobra.Command) []string {
	var pages []string
	c.VisitParents(func(parent *cobra.Command) { pages = append(pages, pageName(parent)) })
	for _, sub := range c.Commands() {
		pages = append(pages, pageName(sub))
	}
	return pages
}
