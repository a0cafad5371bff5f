package redact_test
import ("testing";"fmt";"auditctl/pkg/redact/rule")
func TestTmpSuspects(t *testing.T) {
	o := everything(t)
	n := 0
	for _, l := range generatedLines(20000) { if o.Rules.Suspect(l) { n++; if n < 5 { fmt.Println(string(l)); for _, r := range o.Rules.Rules() { s, _ := rule.NewSet([]*rule.Rule{r}); if s.Suspect(l) { fmt.Println("   ", r.ID) } } } } }
	fmt.Println(n)
}
