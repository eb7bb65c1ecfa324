"""The lake: immutable Parquet parts, numbered commits that name them, and a catalog that DuckDB opens.

staging   a run's folder for what no reader may see yet
parts     rows to Parquet parts, published without ever overwriting
commits   numbered commits, checkpoints and the snapshot they add up to
index     what matching needs of all articles, memory-mapped; a cache
catalog   catalog.duckdb and catalog.sql, rebuilt for each commit
seal      units read, extracted and fingerprinted into the staging folder
wave      sealed units resolved against a snapshot into the rows of one commit
transform the Beam transforms over seal and wave
"""
