package jetstream_test

import (
	"strings"
	"testing"

	"auditctl/pkg/collector/jetstream"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"nats://localhost/AUDIT", "nats://localhost:4222/AUDIT"},
		{"nats://a,b:14222,[::1]:1/AUDIT", "nats://a:4222,b:14222,[::1]:1/AUDIT"},
		{"nats://[::1]/AUDIT", "nats://[::1]:4222/AUDIT"},
		{"nats://me:p%40ss@h/S", "nats://me:xxxxx@h:4222/S"},
		{"nats://t0ken@h/S", "nats://xxxxx@h:4222/S"},
		{"nats://h/S?subject=logs.audit&replicas=3", "nats://h:4222/S?replicas=3&subject=logs.audit"},
		{"nats://h/S?subject=audit&replicas=1", "nats://h:4222/S"},
		{"nats://h/S?creds=/etc/my%20creds", "nats://h:4222/S?creds=%2Fetc%2Fmy+creds"},
		{"nats://h/S?tls=first&ca=a.pem&cert=c.pem&key=k.pem", "nats://h:4222/S?ca=a.pem&cert=c.pem&key=k.pem&tls=first"},
	} {
		a, err := jetstream.ParseAddress(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if got := a.String(); got != test.want {
			t.Errorf("%s: %s, want %s", test.text, got, test.want)
		}
	}
	a := parseAddress(t, "nats://me:p%40:ss@h/S")
	if a.User != "me" || a.Password != "p@:ss" || a.Token != "" {
		t.Errorf("user %q, password %q, token %q", a.User, a.Password, a.Token)
	}
}

func TestParseAddressErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"audit.jsonl", "want nats://HOST/STREAM"},
		{"nats://h", "want nats://HOST/STREAM"},
		{"nats:///S", "want HOST or HOST:PORT"},
		{"nats://a,,b/S", "want HOST or HOST:PORT"},
		{"nats://h:0/S", "want HOST or HOST:PORT"},
		{"nats://h:99999/S", "want HOST or HOST:PORT"},
		{"nats://::1/S", "in brackets"},
		{"nats://h/a.b", "want nats://HOST/STREAM"},
		{"nats://h/a/b", "want nats://HOST/STREAM"},
		{"nats://h/S?subjects=x", `no option "subjects": want subject,`},
		{"nats://h/S?subject=a&subject=b", "want it once"},
		{"nats://h/S?subject=", "leave it out"},
		{"nats://h/S?subject=a..b", "want words with dots between"},
		{"nats://h/S?subject=$JS.x", "want words with dots between"},
		{"nats://h/S?subject=a.>", "want words with dots between"},
		{"nats://h/S?subject=%zz", "write % as %25"},
		{"nats://h/S?replicas=0", "want 1 to 5"},
		{"nats://h/S?tls=yes", "want on or first"},
		{"nats://h/S?cert=a", "give both"},
		{"nats://u:secret@h/S?creds=a", "give one of them"},
		{"nats://@h/S", "want USER:PASSWORD@"},
		{"nats://u:secret%zz@h/S", "write % as %25"},
		{"nats://u:secret/secret@h/S", "write it as %40"},
		{"nats://u:secret?secret@h/S", "write it as %40"},
	} {
		_, err := jetstream.ParseAddress(test.text)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %q", test.text, err, test.want)
		}
	}
}
