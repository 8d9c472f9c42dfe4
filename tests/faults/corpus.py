"""Paths, queries, headers and bodies that break servers: encodings, depth, size, other programs' syntax."""

# ruff: noqa: E501 - a corpus is read by the line

_QUESTION = b'{"question": "Who is the captain of the ferry Halden?"'

PATHS = [
    "/", "//", "///articles//", "/articles/", "/articles/%00", "/articles/%ff", "/articles/%ed%a0%80", "/articles/%2e%2e",
    "/articles/..%2f..%2fetc%2fpasswd", "/articles/%252e%252e", "/articles/" + "a" * 8000, "/%ff", "/%ed%a0%80",
    "/static/../web/wsgi.py", "/static/%2e%2e/wsgi.py", "/static/%00", "/static//etc/passwd", "/{{7*7}}", "/%0d%0aX: y",
    "/c/%00", "/c/" + "a" * 8000, "/c/../..", "/conversations", "/login", "/logout", "/livez/", "/metrics/x",
    "/api/v1/ask", "/api/v1/ask/", "/api/v1//ask", "/api/v1/articles/", "/api/v1/articles/%00", "/api/v1/articles/%ff",
    "/api/v1/articles/..%2f..%2f", "/api/v1/articles/" + "%F0%9F%9B%9F" * 500, "/api/v1/conversations/%00",
    "/api/v1/conversations/..%2fexport", "/api/v1/conversations/" + "a" * 8000, "/api/v1/conversations/x/export",
    "/api/v2/ask", "/openapi.json", "/readyz", "/.git/config", "/wp-login.php", "/\u202egnp.exe", "/%u0041", "/%",
]  # fmt: skip

QUERIES = [
    "", "q=", "q=%", "q=%zz", "q=%00", "q=%ff", "q=%ed%a0%80", "q=" + "a" * 4001, "q=" + "%F0%9F%9B%9F" * 4000,
    "q=ferry&q=ferry", "q=ferry&limit=0", "q=ferry&limit=-1", "q=ferry&limit=1e9", "q=ferry&limit=" + "9" * 4000,
    "q=ferry&limit=%D9%A3", "q=ferry&cursor=%00", "q=ferry&cursor=" + "A" * 5000, "q=ferry&cursor=AAAA",
    "q=ferry&date_from=0000-00-00", "q=ferry&date_from=9999-12-31&date_to=0001-01-01", "q=ferry&date_from=2020-02-30",
    "q=ferry&source=%00", "q=ferry&source=" + "&source=".join("abc" * 40), "q[]=ferry", "q[$ne]=1", "__proto__=1",
    "q=ferry;DROP TABLE articles", "q='+OR+1%3D1--", "q=ferry%22+OR+*", "q=%22%22%22", "q=NEAR(a+b)", "q=a*b^c", "q={{7*7}}",
    "q=%3Cscript%3Ealert(1)%3C/script%3E", "q=" + "(" * 3000, "q=" + "a+" * 1900, "h=" + "&h=".join("a" * 400),
    "&" * 5000, "=" * 5000, "q=ferry&" + "&".join(f"x{number}=1" for number in range(900)), "quote=0-99999999999999999999",
    "q=\u202e", "q=%E2%80%AE", "q=%EF%BF%BF", "q=%F4%8F%BF%BF", "q=e" + "%CC%81" * 1500,
]  # fmt: skip

HEADERS = [
    ("Accept", "a" * 8000), ("Accept", ",".join(["text/html;q=0.5"] * 500)), ("Accept", "text/html;q=nan"),
    ("Accept", "*/*;q=1e999"), ("Accept", ""), ("Accept-Language", "x" * 8000), ("Accept-Charset", "utf-7"),
    ("Accept-Encoding", "gzip;q=-1"), ("Authorization", "Bearer"), ("Authorization", "Bearer " + "a" * 8000),
    ("Authorization", "Basic AAAA"), ("Authorization", "Basic %%%"), ("Authorization", "Digest username=\"\""),
    ("Authorization", "\xff"), ("Cookie", "qa_session=\xff"), ("Cookie", "=" * 4000), ("Cookie", "qa_session=" + "a" * 8000),
    ("If-None-Match", "*"), ("If-None-Match", '"' * 999), ("If-None-Match", "W/" * 3000), ("If-Modified-Since", "never"),
    ("If-Range", "\xff"), ("Range", "bytes=0-0,0-1,0-2"), ("Range", "bytes=" + "0-," * 2000), ("Range", "bytes=-99999999999"),
    ("Content-Length", "0"), ("Content-Type", "text/html; charset=\xff"), ("Host", "evil.example"), ("Host", "["),
    ("Host", "a" * 3000), ("X-Forwarded-For", "127.0.0.1, " * 500), ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Proto", "javascript"), ("Forwarded", "for=\"[::1\";host=\""), ("X-Request-ID", "a\tb"),
    ("X-Request-ID", "é" * 3000), ("X-HTTP-Method-Override", "DELETE"), ("Origin", "null"), ("Origin", "http://["),
    ("Referer", "\xff" * 2000), ("User-Agent", "${jndi:ldap://x}"), ("User-Agent", "() { :; }; id"), ("Upgrade", "h2c"),
    ("Sec-Fetch-Site", "\xff"), ("Last-Event-ID", "9" * 4000), ("Expect", "100-continue"), ("TE", "trailers, gzip;q=nan"),
]  # fmt: skip

BODIES = [
    b"", b"null", b"[]", b"{}", b"1", b'""', b"\x00", b"\xff\xfe", b"\xef\xbb\xbf{}", b"{" * 40_000, b"[" * 60_000,
    b'{"a":' * 12_000, b"[" * 30_000 + b"]" * 30_000, b"9" * 60_000, b"-" * 60_000, b'"' + b"\\u0041" * 10_000 + b'"',
    b'"' + b"\\ud800" * 5000 + b'"', b'{"question": NaN}', b'{"question": 1e999}', b'{"question": 1e-999999999}',
    b'{"question": "\\ud800"}', b'{"question": "\\u0000"}', b'{"question": "a", "question": "b"}', b'{"question": true}',
    b'{"question": ["a"]}', b'{"question": {"$ne": null}}', b'{"question": "' + b"a" * 4001 + b'"}', b'{"__proto__": {}}',
    b'{"question": "' + "\N{RING BUOY}".encode() * 4001 + b'"}', b'{"\\ud800": 1}', b'{"": ""}', _QUESTION + b"}" + b" " * 65_600,
    _QUESTION + b', "top_k": 1e0}', _QUESTION + b', "top_k": true}', _QUESTION + b', "top_k": ' + b"9" * 5000 + b"}",
    _QUESTION + b', "stream": "yes"}', _QUESTION + b', "as_of": "0000-00-00"}', _QUESTION + b', "as_of": "2020-02-30"}',
    _QUESTION + b', "history": [' + b'{"role": "user", "content": ""},' * 40 + b'{"role": "user", "content": ""}]}',
    _QUESTION + b', "history": [{"role": "system", "content": "a"}]}', _QUESTION + b', "conversation_id": "../../x"}',
    _QUESTION + b', "conversation_id": ""}', _QUESTION + b', "filters": {"sources": ["\\u0000"]}}',
    _QUESTION + b', "filters": {"kinds": ["body", "BODY"]}}', _QUESTION + b', "filters": {"date_from": 20200101}}',
    _QUESTION + b', "filters": {"sources": [' + b'"a",' * 101 + b'"a"]}}', _QUESTION + b', "a": {"b": [{}]}}',
]  # fmt: skip
