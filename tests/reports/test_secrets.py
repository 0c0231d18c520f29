"""Secrets do not leave with an export, and what is none stays as it is."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.reports.secrets import hide, hide_in

A36 = "aB3" * 12
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----"

HIDDEN = {
    "AKIAIOSFODNN7EXAMPLE": "[redacted: aws key]",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPx": "aws_secret_access_key = [redacted: access key]",
    f"ghp_{A36}": "[redacted: github token]",
    f"github_pat_{A36}": "[redacted: github token]",
    f"glpat-{A36[:20]}": "[redacted: gitlab token]",
    "xoxb-123456789012-abcdefABCDEF": "[redacted: slack token]",
    "https://hooks.slack.com/services/T0/B0/XXXXXXXX": "https://hooks.slack.com/[redacted: slack webhook]",
    JWT: "[redacted: jwt]",
    PEM: "[redacted: private key]",
    "-----BEGIN PRIVATE KEY----- MIIEow, cut off": "[redacted: private key]",
    "-----BEGIN OPENSSH PRIVATE KEY----- b3Bl -----END OPENSSH PRIVATE KEY----- ok": "[redacted: private key] ok",
    f"sk_live_{A36}": "[redacted: stripe key]",
    f"dapi{'0a' * 16}": "[redacted: databricks token]",
    f"AIza{A36[:35]}": "[redacted: google key]",
    "curl -H 'Authorization: Bearer abc123def456' u": "curl -H 'Authorization: Bearer [redacted: authorization]' u",
    "Authorization: Basic bGk6cHc=": "Authorization: Basic [redacted: authorization]",
    "sent bearer abc123def456": "sent bearer [redacted: bearer token]",
    "postgres://etl:pa%24s@db:5432/x": "postgres://etl:[redacted: url password]@db:5432/x",
    "amqp://:p@ss@host": "amqp://:[redacted: url password]@host",
    "password=hunter2 next": "password=[redacted: password] next",
    "DB_PASS=x7": "DB_PASS=[redacted: password]",
    "PGPASSWORD=abc psql": "PGPASSWORD=[redacted: password] psql",
    'dbPassword="two words"': 'dbPassword="[redacted: password]"',
    "password: hunter": "password: [redacted: password]",
    '{"api_key": "s3cr3t", "n": 1}': '{"api_key": "[redacted: api key]", "n": 1}',
    r"{\"apiKey\": \"s3cr3t\"}": r"{\"apiKey\": \"[redacted: api key]\"}",
    "psql --password hunter2 -h db": "psql --password [redacted: password] -h db",
    "client_secret: 8f14e45f": "client_secret: [redacted: secret]",
    "token=abc,x": "token=[redacted: token],x",
    "AccountKey=abc+/=;Suffix=x": "AccountKey=[redacted: account key];Suffix=x",
    "https://blob/x?sv=1&sig=abcdefgh%3D&se=2": "https://blob/x?sv=1&sig=[redacted: signature]&se=2",
}
LEFT = (
    "the token: expired at noon",
    "secret: rotated",
    "bearer authentication failed",
    "secret=$TOKEN and password=${PW} and token=<yours>",
    "password=*** token=None",
    "max_tokens=12 token=5",
    "3 passed: 2 failed, bypass: on, compass=north",
    "primary_key=id, sort key: day",
    "see https://host/a:b@c and http://host:8080/x",
    "mail li@example.org",
    "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "[redacted: aws key] password=[redacted: password]",
)


@pytest.mark.parametrize("text", HIDDEN)
def test_a_secret_is_replaced_by_what_it_was(text: str) -> None:
    assert hide_in(text) == HIDDEN[text]
    assert hide_in(f"at 14:02 li saw {text}").startswith("at 14:02 li saw ")


@pytest.mark.parametrize("text", LEFT)
def test_what_is_no_secret_stays(text: str) -> None:
    assert hide_in(text) == text


@given(st.text(max_size=400))
def test_twice_is_once(text: str) -> None:
    once = hide_in(text)
    assert hide_in(once) == once


@given(st.text(st.characters(categories=["Lu", "Nd"]), min_size=8, max_size=60), st.text(max_size=40))
def test_a_password_does_not_leave_whatever_stands_around_it(password: str, around: str) -> None:
    kept = hide_in(f"{around} password={password} {around}")
    assert password not in kept.replace(around, "")


HURTING = (
    "a", "a.", "--pass", "password=", "://a:", "eyJ", "bearer ", "authorization: ", '\\"', "-----BEGIN PRIVATE KEY-----"
)  # fmt: skip


@pytest.mark.parametrize("part", HURTING)
def test_a_text_made_to_hurt_takes_a_moment_and_no_hours(part: str) -> None:
    began = time.monotonic()
    hide_in(part * (200_000 // len(part)))
    assert time.monotonic() - began < 10


def test_fields_of_a_payload_tell_by_their_names() -> None:
    payload = {
        "key": "load_orders",
        "password": "x",
        "env": [{"name": "DB_PASSWORD", "value": "x"}, {"name": "REGION", "value": "eu"}],
        "nested": {"apiToken": "abc", "token": None, "tokens": 3},
    }
    assert hide(payload) == {
        "key": "load_orders",
        "password": "[redacted: password]",
        "env": [{"name": "DB_PASSWORD", "value": "[redacted: password]"}, {"name": "REGION", "value": "eu"}],
        "nested": {"apiToken": "[redacted: token]", "token": None, "tokens": 3},
    }
