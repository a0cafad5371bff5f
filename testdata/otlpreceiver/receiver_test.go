// Package otlpreceiver tests auditctl against the receiver of the OpenTelemetry Collector.
// It is a module of its own because of the dependencies of that.
package otlpreceiver

import (
	"context"
	"net"
	"sync"
	"testing"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
)

// A pipeline is what a receiver delivers to: it keeps the logs or refuses them.
type pipeline struct {
	mu     sync.Mutex
	calls  int
	refuse func(call int) error // calls count from 1; nil: take all
	kept   []plog.Logs
}

func (p *pipeline) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

func (p *pipeline) ConsumeLogs(_ context.Context, logs plog.Logs) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	if p.refuse != nil {
		if err := p.refuse(p.calls); err != nil {
			return err
		}
	}
	kept := plog.NewLogs()
	logs.CopyTo(kept)
	p.kept = append(p.kept, kept)
	return nil
}

// records returns the records that were kept, in order.
func (p *pipeline) records() (all []plog.LogRecord) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, logs := range p.kept {
		for _, resource := range logs.ResourceLogs().All() {
			for _, scope := range resource.ScopeLogs().All() {
				for _, record := range scope.LogRecords().All() {
					all = append(all, record)
				}
			}
		}
	}
	return all
}

// start starts a receiver in front of a pipeline and returns its address. It is for HTTP,
// unless configure changes that.
func start(t *testing.T, p *pipeline, configure ...func(c *otlpreceiver.Config, address string)) (address string) {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = free.Addr().String()
	free.Close()

	factory := otlpreceiver.NewFactory()
	config := factory.CreateDefaultConfig().(*otlpreceiver.Config)
	if configure == nil {
		configure = append(configure, overHTTP)
	}
	for _, change := range configure {
		change(config, address)
	}
	receiver, err := factory.CreateLogs(t.Context(), receivertest.NewNopSettings(factory.Type()), config, p)
	if err != nil {
		t.Fatal(err)
	}
	if err := receiver.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := receiver.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return address
}

func overHTTP(c *otlpreceiver.Config, address string) {
	c.Protocols.HTTP.GetOrInsertDefault().ServerConfig.NetAddr.Endpoint = address
}

func overGRPC(c *otlpreceiver.Config, address string) {
	c.Protocols.GRPC.GetOrInsertDefault().NetAddr.Endpoint = address
}
