"""The lake: immutable Parquet parts, numbered commits that name them, and a catalog that DuckDB opens.

staging   a run's folder for what no reader may see yet
parts     rows to Parquet parts, published without ever overwriting
records   what the record of a commit may say, checked
history   the files of commits, one by one and packed
ledger    which units are done, in runs that are merged
commits   numbered commits, checkpoints and the snapshot they add up to
loss      what tells that a lake has lost its newest commit
index     what matching needs of all articles, memory-mapped; a cache
relations what relates the articles of the index, found by id
replay    the rows that the index is made of, read back from the tables
catalog   catalog.duckdb and catalog.sql, rebuilt for each commit
pools     workers that are lent from wave to wave
seal      units read, extracted and fingerprinted into the staging folder
resolve   what sealed units change in a snapshot
recluster which clusters change with the pairs that come and go
attempt   parts published and a commit created, unless its number is taken
upgrade   a lake of an older format given the columns it lacks
wave      sealed units resolved and committed
sorting   rows of parts streamed through DuckDB in bounded memory
compact   small parts merged
settle    pairs that depend on the order of arrival found anew
vacuum    parts deleted that nobody reads any more
expire    commits deleted that are older than they are kept
forget    articles forgotten on request
regain    a ledger that lost runs made anew
mend      what is lost dropped, and its units opened again
doctor    what is wrong with a lake
transform the Beam transforms over seal and wave
"""
