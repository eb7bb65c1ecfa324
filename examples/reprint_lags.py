# %% [markdown]
"""How soon is a story reprinted?

Open this file as a notebook (`# %%` marks its cells), or run it: `python examples/reprint_lags.py lake lags.png`.
"""

# %%
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

import wirecopy

lake, out = sys.argv[1:3]
con = wirecopy.open_lake(lake)

# %% [markdown]
# Each pair of articles of two outlets that share text, with the hours between them. Pairs whose order is not known are
# left out.

# %%
lags = con.sql(
    """
    SELECT d.outlet, epoch(d.event_at - s.event_at) / 3600 AS hours
    FROM pairs JOIN articles s ON s.article_id = src_article_id JOIN articles d ON d.article_id = dst_article_id
    WHERE s.outlet <> d.outlet AND d.event_at >= s.event_at
    ORDER BY ALL
    """
).to_arrow_table()
print(f"{lags.num_rows:,} reprints")

# %%
hours = lags["hours"].to_numpy()
figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
axes.hist(hours, bins=24, color="#2f6f8f")
axes.set_xlabel("hours after the source")
axes.set_ylabel("reprints")
axes.set_title("How soon a story is reprinted")
figure.savefig(out, dpi=120)
