CREATE VIEW about AS
SELECT view_name AS name, NULL AS arguments, comment AS meaning
FROM duckdb_views()
WHERE NOT internal AND comment IS NOT NULL
UNION ALL
SELECT function_name, array_to_string(parameters, ', '), comment
FROM duckdb_functions()
WHERE NOT internal AND function_type = 'table_macro' AND comment IS NOT NULL
ORDER BY name;
COMMENT ON VIEW about IS 'Every view and macro of the lake, with its arguments and what it answers.';
