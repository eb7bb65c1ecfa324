"""Extraction in a pipeline: every document comes out once, in batches of its own window."""

import apache_beam as beam
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to

from wirecopy.schemas.elements import Document
from wirecopy.transforms.extract.transform import BATCH_ROWS, ExtractArticles

UNIT = "0" * 32


def document(number):
    content = f"The council met for the {number}th time and decided nothing, its speaker said." if number % 7 else " "
    return Document(UNIT, number, f"f#{number}", "record", content)


def test_documents_become_batches_of_their_window_and_rejects():
    count = BATCH_ROWS * 2 + 30

    def has_all(batches):
        assert sorted(number for batch in batches for number in batch) == [n for n in range(count) if n % 7]
        assert all(len(batch) <= BATCH_ROWS and len({n % 2 for n in batch}) == 1 for batch in batches)

    with Pipeline("FnApiRunner") as pipeline:
        found = (
            pipeline
            | beam.Create([document(number) for number in range(count)])
            | beam.Map(lambda each: beam.window.TimestampedValue(each, 60 * (each.record % 2)))
            | beam.WindowInto(beam.window.FixedWindows(60))
            | ExtractArticles()
        )
        numbers = found.articles | beam.Map(lambda batch: batch["record"].to_pylist())
        assert_that(numbers, has_all, label="articles")
        reasons = found.rejects | beam.Map(lambda reject: (reject.reason, reject.doc_ref))
        assert_that(reasons, equal_to([("empty", f"f#{n}") for n in range(0, count, 7)]), label="rejects")
