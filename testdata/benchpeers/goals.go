package main

import (
	"fmt"
	"strings"
)

// goals are the ratios that auditctl is measured by: how long it takes beside a peer.
var goals = []struct{ contest, tool, peer string }{
	{"start", "emit base", "hello world"},
	{"common type", "filter -t", "rg, anchored"},
	{"rare type", "filter -t", "wc -l"},
	{"show", "cat --format=text", "jq -C"},
	{"show as a tree", "cat --format=tree", ""},
	{"count by type", "stats --by", "DuckDB"},
	{"seal and verify", "seal", "openssl dgst"},
	{"seal and verify", "verify", "openssl dgst"},
	{"JetStream, one node", "pkg/collector/jetstream", "nats.go, asynchronous"},
	{"path with an index", "filter -c -w", "filter -c -F"},
	{"with an index", "filter -t", "rg -F"},
	{"with an index", "filter -S", "rg -F"},
}

// printGoals prints what of the goals was measured.
func printGoals(all []*contest) {
	fmt.Println("\n| work | ratio | MB/s |")
	fmt.Println("|---|---:|---:|")
	for _, goal := range goals {
		for _, c := range all {
			tool := c.tool(goal.tool)
			if c.title != goal.contest || tool == nil {
				continue
			}
			work, ratio, speed := fmt.Sprintf("%s: `%s`", goal.contest, goal.tool), "", ""
			if peer := c.tool(goal.peer); goal.peer != "" && peer != nil {
				work += fmt.Sprintf(" / `%s`", goal.peer)
				ratio = fmt.Sprintf("%.2f", tool.median()/peer.median())
			}
			if goal.peer == "" {
				speed = fmt.Sprintf("%.0f", float64(c.size)/1e6/tool.median())
			}
			fmt.Printf("| %s | %s | %s |\n", work, ratio, speed)
		}
	}
}

// tool returns the tool whose name begins so, perhaps after auditctl, if it was measured.
func (c *contest) tool(name string) *tool {
	for i := range c.tools {
		t := &c.tools[i]
		if strings.HasPrefix(strings.TrimPrefix(t.name, "auditctl "), name) && len(t.seconds) > 0 {
			return t
		}
	}
	return nil
}
