"""How much one input may ask of the reader. What lies beyond a bound is one reject, and reading goes on behind it."""

from __future__ import annotations

PIECE = 1 << 16
"""Bytes decoded at a time; the same in planning and in reading, so that damage shows at the same offset in both."""

UNIT_BYTES = 8 << 20
"""Decoded bytes of one unit of a file that can be split: about 2,000 articles, so a wave is several units."""

HEAD_BYTES = 1 << 16
"""Bytes of a file that decide its format."""

PROBE_BYTES = 1 << 20
"""Stored bytes of a file inside another that decide its format: a block of bzip2 and some more."""

LINE_BYTES = 8 << 20
"""Bytes of one line or record of JSON; the longest article known is below a megabyte, its page below five."""

FILE_BYTES = 16 << 20
"""Bytes of a file that is one document and is held in memory whole."""

NESTING = 64
"""Levels of arrays and objects in a record."""

BRACKETS = 200_000
"""Arrays and objects in a record: an empty one takes two bytes on disk and 64 in memory."""

LAYERS = 4
"""Compressions around each other."""

WINDOW_BYTES = 256 << 20
"""Memory a decompressor may ask for."""

RATIO = 200
"""Decoded bytes a stored byte may become, once RATIO_FLOOR bytes came out. Text comes below 30, a bomb above 1,000."""

RATIO_FLOOR = 64 << 20
"""Decoded bytes that are always allowed: a million empty lines compress a thousandfold and are harmless."""

RECORD_BYTES = 16 << 20
"""Bytes of the block of one WARC or ARC record; crawlers cut pages off at one to five megabytes."""

HEADER_BYTES = 1 << 16
"""Bytes of the header of a WARC or ARC record, or of an HTTP response."""

RESYNC_BYTES = 32 << 20
"""Stored bytes of a damaged record that are searched again for the next one."""

RESYNC_TRIES = 20_000
"""Places behind damage that are tried for a compressed record before the rest of the file is given up."""

CRAWL_UNIT_BYTES = 32 << 20
"""Decoded bytes of one unit of a WARC file: some hundreds of pages."""

MEMORY_BYTES = 256 << 20
"""Bytes of a file that must be read at random and is not plain: a Parquet file or zip archive inside another file."""

FEED_TAGS = 400_000
"""Tags of a feed outside CDATA, opening and closing ones."""

LOOSE_FEED_TAGS = 200_000
"""Those of a feed that only feedparser can read, which takes some seconds for so many."""

FEED_NAMESPACES = 1_000
"""Namespaces that a feed declares; names are looked up in all of them."""

MENDS = 400_000
"""Places of a feed that are mended: entities, ampersands, sections of CDATA."""

TAG_BYTES = 1 << 16
"""Bytes of one tag of a feed; feedparser takes quadratic time for attributes."""
