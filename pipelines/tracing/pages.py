"""Pages of HTML that stand by themselves: no script, nothing loaded from anywhere."""

from __future__ import annotations

from html import escape

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.15rem;margin-top:2rem}small{display:block;color:#555}
ul.sources{list-style:none;padding:0}ul.sources li{border-left:.5rem solid #bbb;padding:.2rem .8rem;margin:.5rem 0}
blockquote{margin:.6rem 0;padding:.3rem .8rem;border-left:.5rem solid #bbb;white-space:pre-line}p{white-space:pre-line}
u{text-decoration:underline;text-decoration-thickness:2px}
li.s0,blockquote.s0{border-color:#0b7285!important;background:#e3fafc}
li.s1,blockquote.s1{border-color:#b08900!important;background:#fff9db}
li.s2,blockquote.s2{border-color:#862e9c!important;background:#f8f0fc}
li.s3,blockquote.s3{border-color:#2b8a3e!important;background:#ebfbee}
li.s4,blockquote.s4{border-color:#1864ab!important;background:#e7f5ff}
li.s5,blockquote.s5{border-color:#c92a2a!important;background:#fff5f5}
table{border-collapse:collapse;width:100%;table-layout:fixed}
td,th{vertical-align:top;text-align:left;padding:.3rem .6rem}
td{white-space:pre-line;overflow-wrap:anywhere}td.sign{width:1.5rem;text-align:center;color:#555}col.sign{width:2rem}
tr.shared td{border-top:1px solid #eee}tr.a td:first-child,del{background:#ffe3e3}
tr.b td:last-child,ins{background:#d3f9d8}tr.moved td{background:#fff3bf}ins{text-decoration:underline}
""".strip()


def page(title: str, body: str) -> str:
    """Return a page. `title` is text; `body` is HTML, in which text from outside is escaped already."""
    return (
        "<!doctype html>\n<html lang=en><head><meta charset=utf-8>"
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'\"><meta name=referrer content=no-referrer>"
        "<meta name=viewport content='width=device-width'>"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>{body}</body></html>\n"
    )
