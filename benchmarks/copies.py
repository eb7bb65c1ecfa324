"""Find the near-duplicates among the texts of a file, beside the libraries that do: CPU time, recall and precision.

usage: python benchmarks/copies.py FILE [--column text] [--limit N] [--peers PYTHON]

FILE is Parquet or JSON Lines with one text a row. PYTHON is that of an environment with the peers:

    python -m venv peers
    peers/bin/pip install gaoya rensa datasketch datatrove spacy tokenizers "xxhash<4" datasets ftfy scipy \\
        click-option-group pyarrow
    peers/bin/pip install --no-deps text-dedup

Of what text-dedup requires besides, Spark and more, its MinHash imports nothing.

All are to find the pairs whose word 5-grams have a Jaccard index of .5, with 128 hashes in 32 bands of 4; peers give
the pairs that they estimate at .5 or more, for they keep no 5-grams. text-dedup and datatrove estimate nothing and give
clusters: theirs are the pairs that stand in one cluster, and 25 bands of 5, which text-dedup takes for .5 by itself.
CPU time counts from texts in memory to pairs, all threads and processes together; libraries are imported and kernels
compiled before. The truth is an exact join by prefixes (Bayardo, Ma and Srikant, 2007), which uses no hash of a
signature.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import re
import resource
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

LEAST = 0.5
BANDS, ROWS = 25, 5
Pairs = set[tuple[int, int]]


def read_texts(path: str, column: str, limit: int | None) -> list[str]:
    if path.endswith(".parquet"):
        import pyarrow.parquet as pq

        table = pq.read_table(path, columns=[column])
    else:
        import pyarrow.json as pj

        table = pj.read_json(path, read_options=pj.ReadOptions(block_size=1 << 26))
    return [text or "" for text in table[column].slice(0, limit).to_pylist()]


def shingles(text: str) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[i : i + 5]) for i in range(len(words) - 4)}


def wirecopy() -> Callable[[Sequence[str]], Pairs]:
    import pyarrow as pa

    from wirecopy.transforms.columns import halves
    from wirecopy.transforms.matching.copies import find_copies, sketch

    def find(texts: Sequence[str]) -> Pairs:
        ids = pa.array([i.to_bytes(16, "big") for i in range(len(texts))], pa.binary(16))
        batch = pa.RecordBatch.from_pydict({"article_id": ids, "text": pa.array(texts, pa.string())})
        found = find_copies([sketch(batch.slice(i, 500)) for i in range(0, len(texts), 500)])
        found = found.filter(pa.compute.greater_equal(found["jaccard"], LEAST))
        left, right = (halves(found[side])[1].tolist() for side in ("left_article_id", "right_article_id"))
        return set(zip(left, right, strict=True))

    find(["one two three four five six seven"] * 2)
    return find


def gaoya() -> Callable[[Sequence[str]], Pairs]:
    from gaoya.minhash import MinHashStringIndex

    def find(texts: Sequence[str]) -> Pairs:
        index = MinHashStringIndex(
            hash_size=32, num_bands=32, band_size=4, jaccard_threshold=LEAST, lowercase=True, ngram_range=(5, 5)
        )
        pairs = set()
        for i, text in enumerate(texts):
            pairs.update((other, i) for other in index.query(text))
            index.insert_document(i, text)
        return pairs

    return find


def rensa() -> Callable[[Sequence[str]], Pairs]:
    from rensa import RMinHash, RMinHashLSH

    def find(texts: Sequence[str]) -> Pairs:
        index, hashes, pairs = RMinHashLSH(threshold=LEAST, num_perm=128, num_bands=32), [], set()
        for i, text in enumerate(texts):
            own = RMinHash(num_perm=128, seed=1)
            own.update(list(shingles(text)))
            pairs.update((other, i) for other in set(index.query(own)) if own.jaccard(hashes[other]) >= LEAST)
            index.insert(i, own)
            hashes.append(own)
        return pairs

    return find


def datasketch() -> Callable[[Sequence[str]], Pairs]:
    from datasketch import MinHash, MinHashLSH

    def find(texts: Sequence[str]) -> Pairs:
        index, hashes, pairs = MinHashLSH(num_perm=128, params=(32, 4)), [], set()
        for i, text in enumerate(texts):
            own = MinHash(num_perm=128)
            own.update_batch([shingle.encode() for shingle in shingles(text)])
            pairs.update((other, i) for other in index.query(own) if own.jaccard(hashes[other]) >= LEAST)
            index.insert(i, own)
            hashes.append(own)
        return pairs

    return find


def text_dedup() -> Callable[[Sequence[str]], Pairs]:
    from datasets import Dataset
    from text_dedup import minhash
    from text_dedup.utils import IOArgs, MetaArgs, MinHashArgs

    def find(texts: Sequence[str]) -> Pairs:
        with tempfile.TemporaryDirectory() as folder:
            Dataset.from_dict({"text": texts}).save_to_disk(f"{folder}/texts")
            minhash.main.callback(
                io_args=IOArgs(path=f"{folder}/texts", local=True, output=f"{folder}/kept", num_proc=1),
                meta_args=MetaArgs(column="text"),
                minhash_args=MinHashArgs(ngram=5, num_perm=128, b=BANDS, r=ROWS),
            )
        return together((minhash.uf.find(i), i) for i in range(len(texts)))

    return find


def datatrove() -> Callable[[Sequence[str]], Pairs]:
    import numpy as np
    from datatrove.data import Document
    from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig

    config = MinhashConfig(n_grams=5, num_buckets=BANDS, hashes_per_bucket=ROWS)

    def find(texts: Sequence[str]) -> Pairs:
        with tempfile.TemporaryDirectory() as folder:
            signatures, buckets, clusters = (f"{folder}/{name}" for name in ("signatures", "buckets", "clusters"))
            MinhashDedupSignature(signatures, config).run(Document(text, str(i)) for i, text in enumerate(texts))
            for bucket in range(BANDS):
                MinhashDedupBuckets(signatures, buckets, config=config).run(rank=bucket, world_size=BANDS)
            MinhashDedupCluster(buckets, clusters, config, save_cluster_id=True).run()
            members = np.fromfile(f"{clusters}/000000.clusters", "<u4").reshape(-1, 2)
        return together((cluster, i) for i, cluster in members.tolist())

    return find


def together(members: Iterable[tuple[int, int]]) -> Pairs:
    clusters = defaultdict(list)
    for cluster, member in members:
        clusters[cluster].append(member)
    return {pair for own in clusters.values() for pair in itertools.combinations(sorted(own), 2)}


def exact() -> Callable[[Sequence[str]], Pairs]:
    def find(texts: Sequence[str]) -> Pairs:
        sets = [{hash(shingle) for shingle in shingles(text)} for text in texts]
        frequency = Counter(one for own in sets for one in own)
        holders: dict[int, list[int]] = defaultdict(list)
        pairs = set()
        for i, own in enumerate(sets):
            prefix = sorted(own, key=lambda one: (frequency[one], one))[: len(own) - int(LEAST * len(own) - 1e-9)]
            met = {other for one in prefix for other in holders[one]}
            for other in met:
                common = len(own & sets[other])
                if common >= LEAST * (len(own) + len(sets[other]) - common):
                    pairs.add((other, i))
            for one in prefix:
                if frequency[one] > 1:
                    holders[one].append(i)
        return pairs

    return find


TOOLS = {each.__name__: each for each in (wirecopy, gaoya, rensa, datasketch, text_dedup, datatrove, exact)}


def cpu_seconds() -> float:
    usages = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def run(tool: str, texts: Sequence[str]) -> None:
    try:
        find = TOOLS[tool]()
    except ImportError:
        return
    began = cpu_seconds()
    with contextlib.redirect_stdout(sys.stderr):
        pairs = find(texts)
    json.dump({"seconds": cpu_seconds() - began, "pairs": sorted(pairs)}, sys.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--column", default="text")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--peers", default=sys.executable, help="the Python that has the peers")
    parser.add_argument("--tool", choices=TOOLS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    texts = read_texts(options.file, options.column, options.limit)
    if options.tool:
        run(options.tool, texts)
        return
    truth: Pairs = set()
    print(
        f"{len(texts):,} texts\n{'':10} {'CPU s':>8} {'texts a CPU s':>14} {'pairs':>7} {'recall':>7} {'precision':>10}"
    )
    for tool in ("exact", *(name for name in TOOLS if name != "exact")):
        python = sys.executable if tool in ("exact", "wirecopy") else options.peers
        command = [python, __file__, options.file, "--column", options.column, "--tool", tool]
        limit = ["--limit", str(options.limit)] if options.limit else []
        answer = subprocess.run([*command, *limit], check=True, stdout=subprocess.PIPE).stdout
        if not answer:
            print(f"{tool:10} not installed")
            continue
        found = json.loads(answer)
        pairs = {(low, high) for low, high in found["pairs"]}
        truth = pairs if tool == "exact" else truth
        right, seconds = len(pairs & truth), found["seconds"]
        recall, precision = right / max(1, len(truth)), right / max(1, len(pairs))
        speed = f"{len(texts) / seconds:,.0f}"
        print(f"{tool:10} {seconds:8.2f} {speed:>14} {len(pairs):7,} {recall:7.4f} {precision:10.4f}", flush=True)


if __name__ == "__main__":
    main()
