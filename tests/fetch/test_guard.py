"""Nothing that is not public is asked, in whatever form it is named and however one is led to it."""

import asyncio
import ipaddress
import socket

import pytest
from outlets import LOOPBACK, ScriptedClock, serving

from wirecopy.transforms.fetch.http.client import Client, FetchError, session
from wirecopy.transforms.fetch.http.guard import Forbidden, check_url, is_open, networks, socket_factory
from wirecopy.transforms.fetch.http.politeness import SystemClock, Turns

CLOSED = """
127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 169.254.0.1
169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.9 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255
198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1
64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:0:7f00:1:: 2001:db8::1 2002:7f00:1:: 2002:a00:1::
2002:a9fe:a9fe::1 3fff::1 5f00::1 fc00::1 fd00::1 fd00:ec2::254 fe80::1 febf::1 fec0::1 ff02::1 ff05::2
2a00::5efe:7f00:1 2a00::200:5efe:7f00:1
""".split()
PUBLIC = "1.1.1.1 8.8.8.8 93.184.216.34 151.101.1.67 2606:4700::1111 2a00:1450:4001:81b::200e".split()

TRICKS = [
    "http://2130706433/",
    "http://017700000001/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://0177.0.0.1/",
    "http://0x7f.0x0.0x0.0x1/",
    "http://127.0.0.1./",
    "http://１２７.０.０.１/",
    "http://127。0。0。1/",
    "http://⑫7.0.0.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[fe80::1%25eth0]/",
    "http://[::]/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://a.localhost/",
    "http://metadata.google.internal/",
    "http://printer.local/",
    "http://router.lan/",
    "http://user@example.org/",
    "http://user:secret@example.org/",
    "http://example.org@127.0.0.1/",
    "http://example.org\\@127.0.0.1/",
    "http://127.0.0.1%2f@example.org/",
    "http://127.0.0.1%00.example.org/",
    "http://exa\tmple.org/",
    "http://example.org/\r\nHost: 127.0.0.1",
    "http:///etc/passwd",
    "http://",
    "http://[::1/",
    "http://example.org:99999/",
    "file:///etc/passwd",
    "ftp://example.org/",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "dict://127.0.0.1:11211/",
    "data:text/html,hello",
    "javascript:alert(1)",
    "//127.0.0.1/",
    "127.0.0.1",
    "http://" + "a" * 9000 + ".org/",
]


@pytest.mark.parametrize("address", CLOSED)
def test_an_address_that_is_not_public_gets_no_socket(address):
    found = ipaddress.ip_address(address)
    assert not is_open(found)
    family = socket.AF_INET6 if found.version == 6 else socket.AF_INET
    with pytest.raises(Forbidden):
        socket_factory()((family, socket.SOCK_STREAM, 6, "", (address, 80)))


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_gets_one(address):
    found = ipaddress.ip_address(address)
    family = socket.AF_INET6 if found.version == 6 else socket.AF_INET
    socket_factory()((family, socket.SOCK_STREAM, 6, "", (address, 80))).close()


@pytest.mark.parametrize("url", TRICKS)
def test_a_trick_is_refused_before_anything_is_resolved(url):
    with pytest.raises(Forbidden):
        check_url(url)


@pytest.mark.parametrize("url", ["http://example.org/", "https://xn--e1afmkfd.xn--p1ai:8443/a?b#c", "http://1.1.1.1/"])
def test_an_ordinary_address_passes(url):
    check_url(url)


def test_a_network_is_opened_by_name_alone():
    opened = networks(["10.1.0.0/16", "fd00::/8"])
    assert is_open(ipaddress.ip_address("10.1.2.3"), opened)
    assert is_open(ipaddress.ip_address("::ffff:10.1.2.3"), opened)
    assert not is_open(ipaddress.ip_address("10.2.0.1"), opened)
    assert not is_open(ipaddress.ip_address("127.0.0.1"), opened)
    with pytest.raises(ValueError):
        networks(["10.0.0.1/8"])


class Names:
    """A resolver that gives each name its addresses, another one each time it is asked."""

    def __init__(self, **names):
        self.names = {name.replace("_", "."): list(found) for name, found in names.items()}

    async def resolve(self, host, port=0, family=socket.AF_INET):
        found = self.names[host]
        address = found.pop(0) if len(found) > 1 else found[0]
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [{"hostname": host, "host": address, "port": port, "family": kind, "proto": 0, "flags": 0}]

    async def close(self):
        pass


def get(url, opened=(), resolver=None, clock=None, **bounds):
    async def go():
        time = clock or SystemClock()
        async with session("test", opened, resolver) as web:
            return await Client(web, Turns(time, 0.0), time, opened, **bounds).get(url)

    return asyncio.run(go())


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "64:ff9b::7f00:1"])
def test_a_name_that_resolves_to_a_closed_address_is_not_connected_to(address):
    with serving() as outlets:
        outlets.put("/robots.txt", 404)
        with pytest.raises(FetchError) as error:
            get(f"http://news.example.org:{outlets.port}/", resolver=Names(news_example_org=[address]))
        assert error.value.reason == "forbidden"
        assert outlets.asked == []


def test_a_redirect_or_a_name_that_rebinds_leads_nowhere():
    """127.0.0.2 plays the public server, 127.0.0.1 what it must not reach."""
    opened = networks(["127.0.0.2/32"])
    targets = [
        "http://127.0.0.1:{}/",
        "http://2130706433:{}/",
        "http://localhost:{}/",
        "http://[::1]:{}/",
        "file:///etc",
    ]
    with serving() as outlets:
        names = Names(news_example_org=["127.0.0.2", "127.0.0.1"])
        for n, target in enumerate(targets):
            outlets.put(f"/{n}", 302, "127.0.0.2", Location=target.format(outlets.port))
            with pytest.raises(FetchError) as error:
                get(outlets.url(f"/{n}", "127.0.0.2"), opened)
            assert error.value.reason == "forbidden"
        outlets.put("/", "fine", "news.example.org")
        assert get(f"http://news.example.org:{outlets.port}/", opened, names).body == b"fine"
        with pytest.raises(FetchError) as error:
            get(f"http://news.example.org:{outlets.port}/", opened, names)
        assert error.value.reason == "forbidden"
        assert outlets.paths("127.0.0.1") == []


def test_what_is_opened_is_fetched():
    with serving() as outlets:
        outlets.put("/", "fine")
        assert get(outlets.url("/"), LOOPBACK, clock=ScriptedClock()).body == b"fine"
