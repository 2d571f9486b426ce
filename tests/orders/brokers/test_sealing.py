import pytest

from orders.brokers.base import HostNotSealed
from orders.brokers.sealing import seal_of

PRACTICE_URL = "http://127.0.0.1:8810"
REST, CERT = "https://api.tastyworks.com", "https://api.cert.tastyworks.com"
STREAMER, CERT_STREAMER = "wss://streamer.tastyworks.com", "wss://streamer.cert.tastyworks.com"
DXLINK = "wss://tasty-openapi-dxlink-md-ws.dxfeed.com/realtime"


@pytest.mark.parametrize(
    ("environment", "method", "url"),
    [
        pytest.param("production", "POST", f"{REST}/accounts/1/orders", id="rest"),
        pytest.param("production", "GET", f"{STREAMER}/", id="account streamer"),
        pytest.param("production", "GET", DXLINK, id="quotes"),
        pytest.param("sandbox", "DELETE", f"{CERT}/accounts/1/orders/2", id="sandbox rest"),
        pytest.param("sandbox", "GET", f"{CERT_STREAMER}/", id="sandbox streamer"),
        pytest.param("sandbox", "GET", "wss://tasty-demo-ws.dxfeed.com/delayed", id="sandbox quotes"),
    ],
)
def test_a_sealed_host_is_reached_unchanged(environment, method, url):
    assert seal_of(environment).route(method, url) == url


@pytest.mark.parametrize(
    ("environment", "method", "url"),
    [
        pytest.param("sandbox", "GET", f"{REST}/x", id="production from the sandbox"),
        pytest.param("production", "GET", f"{CERT}/x", id="sandbox from production"),
        pytest.param("practice", "GET", f"{REST}/x", id="production from practice"),
        pytest.param("practice", "POST", "http://127.0.0.1:9999/x", id="loopback by its own name"),
        pytest.param("practice", "GET", DXLINK, id="real quotes in practice"),
        pytest.param("production", "GET", "http://api.tastyworks.com/x", id="without TLS"),
        pytest.param("production", "GET", f"{REST}:8443/x", id="another port"),
        pytest.param("production", "GET", "https://api.tastyworks.com.evil.example/x", id="a longer name"),
        pytest.param("production", "GET", "https://api.tastyworks.com@evil.example/x", id="a name before @"),
        pytest.param("production", "POST", f"{STREAMER}/", id="POST to the streamer"),
        pytest.param("production", "POST", DXLINK, id="POST to the quotes"),
        pytest.param("production", "GET", "ws://tasty-demo-ws.dxfeed.com/x", id="quotes without TLS"),
        pytest.param("production", "GET", "wss://evil-dxfeed.com/x", id="a name that only ends alike"),
        pytest.param("production", "GET", "wss://127.0.0.1/realtime", id="loopback in production"),
    ],
)
def test_any_other_host_is_refused(environment, method, url):
    with pytest.raises(HostNotSealed):
        seal_of(environment, practice_url=PRACTICE_URL).route(method, url)


@pytest.mark.parametrize(
    ("url", "led"),
    [
        (f"{CERT}/accounts/1/orders?page=2", f"{PRACTICE_URL}/accounts/1/orders?page=2"),
        (f"{CERT_STREAMER}/", "ws://127.0.0.1:8810/"),
        ("ws://127.0.0.1:8810/realtime", "ws://127.0.0.1:8810/realtime"),
    ],
    ids=["rest", "account streamer", "quotes"],
)
def test_practice_is_led_to_its_exchange(url, led):
    assert seal_of("practice", practice_url=PRACTICE_URL).route("GET", url) == led


@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.8.8.8:1", "http://[::1]:1"])
def test_practice_may_be_anywhere_on_loopback(url):
    assert seal_of("practice", practice_url=url).stand_in == url


@pytest.mark.parametrize(
    "url", ["", "http://10.0.0.1:8810", "http://exchange.example", "https://127.0.0.1", "127.0.0.1:8810"]
)
def test_practice_is_refused_anywhere_else(url):
    with pytest.raises(HostNotSealed):
        seal_of("practice", practice_url=url)
