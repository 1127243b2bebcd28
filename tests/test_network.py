"""Variables that HTTP libraries read by themselves: they work, or one line names the one that doesn't."""

from __future__ import annotations

import pytest

from bot.config import BadSettings
from bot.network import network_variables
from tests.command_line import run_bot
from tests.scenarios.operations.process import REPOSITORY
from tests.test_command_line import SETTINGS

BAD = [
    ("ALL_PROXY", "socks://127.0.0.1:1080"),
    ("all_proxy", "socks5h://user:secret@127.0.0.1:1080"),
    ("HTTPS_PROXY", "http://:3128"),
    ("HTTPS_PROXY", "http://proxy:port"),
    ("HTTP_PROXY", "http://[::1"),
    ("HTTPS_PROXY", '"http://proxy:3128"'),
    ("NO_PROXY", "localhost,proxy:port"),
    ("no_proxy", "localhost,::1/128"),
    ("SSL_CERT_FILE", "/nowhere/certificates.pem"),
    ("SSL_CERT_FILE", "/"),
    ("SSL_CERT_FILE", str(REPOSITORY / "README.md")),
    ("SSL_CERT_DIR", "/nowhere"),
    ("SSLKEYLOGFILE", "/nowhere/keys.log"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_what_no_library_takes_is_one_line_that_repeats_no_value(name, value):
    with pytest.raises(BadSettings) as refused:
        network_variables({name: value})
    [fault] = refused.value.faults
    assert fault.startswith(f"{name} ")
    assert value not in fault
    assert "secret" not in fault


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        ("NO_PROXY", "localhost,127.0.0.1,[::1]", "localhost,127.0.0.1,::1"),
        ("no_proxy", "localhost, .example.com,10.0.0.0/8,*", "localhost,.example.com,10.0.0.0/8,*"),
        ("HTTPS_PROXY", "proxy:3128", "http://proxy:3128"),
        ("https_proxy", " http://user:pass@proxy:3128 ", "http://user:pass@proxy:3128"),
    ],
)
def test_what_one_library_takes_is_written_for_all(name, value, taken):
    assert network_variables({name: value}) == {name: taken}


def test_what_is_well_stays(tmp_path):
    given = {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "*", "SSL_CERT_DIR": str(tmp_path), "ALL_PROXY": " "}
    assert network_variables(given) == {}


@pytest.mark.parametrize("command", ["web", "worker", "doctor"])
@pytest.mark.parametrize(("name", "value"), [BAD[0], BAD[7]])
def test_every_command_that_uses_the_network_says_so_in_one_line(command, name, value, tmp_path):
    env = {"PATH": "", "PYTHONPATH": str(REPOSITORY), **SETTINGS, name: value}
    ended = run_bot([command], env=env, cwd=tmp_path)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1), ended.stderr
    assert name in ended.stderr


def test_the_usual_exceptions_from_a_proxy_are_taken(tmp_path):
    exceptions = {"NO_PROXY": "localhost,127.0.0.1,[::1]", "HTTPS_PROXY": "127.0.0.1:1"}
    env = {"PATH": "", "PYTHONPATH": str(REPOSITORY), **SETTINGS, **exceptions}
    ended = run_bot(["doctor"], env=env, cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET: no answer (ConnectError)" in ended.stdout
