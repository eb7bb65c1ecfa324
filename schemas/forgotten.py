"""What was asked to be forgotten: hashes alone, by which it is kept from coming back."""

import pyarrow as pa

from wirecopy.schemas.table import ID, INSTANT, Table, field

FORGOTTEN = Table(
    "forgotten",
    "an article that was forgotten on request, by a hash: it is not taken in again",
    pa.schema(
        [
            field("identity_hash", ID, "blake2b-128 of the article's identity: what it was cannot be read from it"),
            field("forgotten_at", INSTANT, "when it was forgotten", unit="UTC"),
            field("run_id", ID, "the run that committed this row"),
        ]
    ),
    keep="append",
    key=("identity_hash",),
)
