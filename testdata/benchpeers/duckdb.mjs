// Prints the lines of standard input whose event_type is the first argument, with
// DuckDB out of the node_modules of the second.
import { createRequire } from 'node:module';
const { DuckDBInstance } = createRequire(process.argv[3] + '/')('@duckdb/node-api');
const db = await (await DuckDBInstance.create()).connect();
await db.run(`COPY (
	SELECT json FROM read_ndjson_objects('/dev/stdin') WHERE json->>'event_type' = '${process.argv[2]}'
) TO '/dev/stdout' (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01')`);
