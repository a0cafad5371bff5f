// Sends log records to a URL: node sender.mjs URL N
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { resourceFromAttributes } from '@opentelemetry/resources';

const [url, count] = process.argv.slice(2);

// What the exporter gives up is sent again.
class Stubborn extends OTLPLogExporter {
  export(records, done) {
    super.export(records, (result) => {
      if (result.code === 0) done(result);
      else setTimeout(() => this.export(records, done), 1);
    });
  }
}

const provider = new LoggerProvider({
  resource: resourceFromAttributes({ 'service.name': 'sender' }),
  processors: [new BatchLogRecordProcessor({
    exporter: new Stubborn({ url }), maxQueueSize: +count, maxExportBatchSize: 20, scheduledDelayMillis: 1, exportTimeoutMillis: 300000,
  })],
});
const logger = provider.getLogger('test');
for (let n = 0; n < +count; n++) {
  logger.emit({
    timestamp: [Date.UTC(2026, 2, 9, 8, 14, 2) / 1000, 123456000],
    severityNumber: 13,
    eventName: 'test.event',
    body: `record ${n}`,
    attributes: { n, text: 'é "\n', 'session.id': `s-${Math.floor(n / 100)}`, map: { list: [1, 0.5, true] } },
  });
}
await provider.shutdown();
