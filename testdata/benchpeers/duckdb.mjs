// Prints the lines of standard input whose event_type is the second argument, with DuckDB
// out of the node_modules of the first; without a second one, how many there are of each.
import { createRequire } from 'node:module';
const [modules, type] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(modules + '/')('@duckdb/node-api');
const db = await (await DuckDBInstance.create()).connect();
const select = type === undefined
	? `json->>'event_type' AS type, count(*) FROM read_ndjson_objects('/dev/stdin') GROUP BY type`
	: `json FROM read_ndjson_objects('/dev/stdin') WHERE json->>'event_type' = '${type}'`;
await db.run(`COPY (SELECT ${select}) TO '/dev/stdout' (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01')`);
