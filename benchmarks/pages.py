"""How well and how fast pages become articles, beside trafilatura.

    python benchmarks/pages.py FOLDER [--rounds N]

FOLDER holds `ground-truth.json` and gzipped pages, here or in `html`, as scrapinghub/article-extraction-benchmark has
them. Texts are scored by its metric: precision, recall and F1 of word 4-grams, each page weighing the same. Every round
has each contestant read all pages, one after the other and in another order than the round before, and counts CPU
seconds; ratios are those of a round, against trafilatura's default with metadata. `pages` is `read_page` alone,
`articles` a whole row: dates read, language, credits, quotes, identity.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import trafilatura

from wirecopy.schemas.elements import Document
from wirecopy.transforms.extract import extract_batch
from wirecopy.transforms.extract.pages.pages import read_page

WARM_UP = 10
BASE = "trafilatura"


def pages(documents: Sequence[Document]) -> list[str]:
    stories = [read_page(document.content, url=document.url) for document in documents]
    return ["" if isinstance(story, str) else story.text for story in stories]


def articles(documents: Sequence[Document]) -> list[str]:
    batch, _ = extract_batch(documents)
    texts = dict(zip(batch["record"].to_pylist(), batch["text"].to_pylist(), strict=True))
    return [texts.get(document.record, "") for document in documents]


def trafilatura_of(fast: bool) -> Callable[[Sequence[Document]], list[str]]:
    def run(documents: Sequence[Document]) -> list[str]:
        found = [
            trafilatura.bare_extraction(
                document.content, url=document.url, fast=fast, include_comments=False, with_metadata=True
            )
            for document in documents
        ]
        return [(page.text or "") if page else "" for page in found]

    return run


CONTESTANTS: dict[str, Callable[[Sequence[Document]], list[str]]] = {
    "pages": pages,
    "articles": articles,
    BASE: trafilatura_of(fast=False),
    "trafilatura fast": trafilatura_of(fast=True),
}


def load(folder: Path) -> tuple[list[Document], list[str]]:
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    where = folder / "html" if (folder / "html").is_dir() else folder
    documents = [
        Document(
            "0" * 32,
            number,
            key,
            "html",
            gzip.decompress((where / f"{key}.html.gz").read_bytes()).decode("utf-8", "replace"),
            url=page.get("url"),
        )
        for number, (key, page) in enumerate(truth.items())
    ]
    return documents, [page["articleBody"] for page in truth.values()]


def four_grams(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    width = min(4, len(words))
    return Counter(tuple(words[at : at + width]) for at in range(len(words) - width + 1)) if words else Counter()


def score(gold: Sequence[str], found: Sequence[str]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of shares of true and false 4-grams, summed over pages."""
    both = missed = wrong = 0.0
    for truth, text in zip(map(four_grams, gold), map(four_grams, found), strict=True):
        shared = (truth & text).total()
        all_of_them = max(1, truth.total() + text.total() - shared)
        both += shared / all_of_them
        missed += (truth.total() - shared) / all_of_them
        wrong += (text.total() - shared) / all_of_them
    precision, recall = both / (both + wrong), both / (both + missed)
    return precision, recall, 2 * precision * recall / (precision + recall)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    documents, gold = load(options.folder)
    seconds: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
    texts: dict[str, list[str]] = {}
    for run in CONTESTANTS.values():
        run(documents[:WARM_UP])
    for number in range(options.rounds):
        turn = list(CONTESTANTS)
        for name in turn[number % len(turn) :] + turn[: number % len(turn)]:
            before = time.process_time()
            texts[name] = CONTESTANTS[name](documents)
            seconds[name].append(time.process_time() - before)
    print(f"{len(documents)} pages, {options.rounds} rounds")
    print(f"{'':18}{'F1':>7}{'P':>7}{'R':>7}{'pages/CPU s':>13}   times {BASE} (lowest to highest)")
    for name, taken in seconds.items():
        precision, recall, f1 = score(gold, texts[name])
        ratios = [base / own for base, own in zip(seconds[BASE], taken, strict=True)]
        speed = len(documents) / statistics.median(taken)
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        print(f"{name:18}{f1:7.4f}{precision:7.3f}{recall:7.3f}{speed:13.1f}   {spread}")


if __name__ == "__main__":
    main()
