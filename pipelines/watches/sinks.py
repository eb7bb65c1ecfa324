"""Where events go: a command, a webhook, mail. Each is told an event's id, so that what comes twice is known as one.

What an address or a password is, is never said: not in errors, not in logs.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import smtplib
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

from wirecopy.pipelines.watches.store import Watch

PATIENCE_S = 20.0
"""Seconds that a receiver may take for one event."""

SMTP, FROM = "WIRECOPY_SMTP", "WIRECOPY_MAIL_FROM"

_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")


class NotTaken(Exception):
    """A receiver did not take an event; the message says why, and holds no secret."""


def webhook_address(given: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return the address of a webhook, which an environment variable may hold. Raises NotTaken."""
    address = given
    if variable := _VARIABLE.fullmatch(given):
        address = environment.get(variable[1], "")
        if not address:
            raise NotTaken(f"the environment variable {variable[1]}, which holds the webhook's address, is not set")
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise NotTaken("the webhook's address is none") from None
    if parts.scheme not in ("http", "https") or not host or any(ord(char) <= 32 for char in address):
        raise NotTaken("the webhook's address is none of http or https")
    if "@" in parts.netloc:
        raise NotTaken("the webhook's address holds a user or a password, which is not sent; leave it out")
    return address


def shown_address(given: str) -> str:
    """Return a webhook's address as it may be shown: its host alone, or the variable that holds it."""
    if _VARIABLE.fullmatch(given):
        return given
    try:
        parts = urlsplit(given)
        return f"{parts.scheme}://{parts.hostname}/…"
    except ValueError:
        return "…"


def run_command(watch: Watch, event: Mapping[str, Any]) -> None:
    """Run the watch's command with the event as JSON on its standard input. Raises NotTaken."""
    words = shlex.split(watch.command)
    environment = os.environ | {"WIRECOPY_EVENT_ID": event["id"], "WIRECOPY_WATCH": watch.name}
    data = json.dumps(event, ensure_ascii=False).encode() + b"\n"
    try:
        done = subprocess.run(words, input=data, env=environment, capture_output=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        raise NotTaken(f"the command {words[0]} did not end within {PATIENCE_S:g} s") from None
    except OSError as error:
        raise NotTaken(f"the command {words[0]} cannot be run: {error.strerror}") from None
    if done.returncode:
        raise NotTaken(f"the command {words[0]} ended with {done.returncode}")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nothing: a secret address is not sent on."""


def post(watch: Watch, event: Mapping[str, Any]) -> None:
    """Post the event as JSON to the watch's webhook. Raises NotTaken unless the reply is 2xx."""
    address = webhook_address(watch.webhook)
    data = json.dumps({"text": event["told"], **event}, ensure_ascii=False).encode()
    header = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "wirecopy",
        "Idempotency-Key": event["id"],
    }
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
    where = shown_address(watch.webhook)
    try:
        with opener.open(urllib.request.Request(address, data, header), timeout=PATIENCE_S):
            return
    except urllib.error.HTTPError as error:
        raise NotTaken(f"{where} answers {error.code}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None)
        why = getattr(reason, "strerror", None) or getattr(error, "strerror", None) or type(error).__name__
        raise NotTaken(f"{where} cannot be reached: {why}") from None


def mail(watch: Watch, event: Mapping[str, Any]) -> None:
    """Mail the event to whom the watch names, by the server that the environment names. Raises NotTaken."""
    given = os.environ.get(SMTP, "")
    try:
        server = urlsplit(given)
        host, port = server.hostname, server.port
    except ValueError:
        raise NotTaken(f"the environment variable {SMTP} is not of the form smtps://user:password@host:port") from None
    if server.scheme not in ("smtp", "smtps") or not host:
        raise NotTaken(f"the environment variable {SMTP} is not set to smtps://user:password@host:port")
    user, password = unquote(server.username or ""), unquote(server.password or "")
    sender = os.environ.get(FROM) or (user if "@" in user else f"wirecopy@{host}")
    try:
        connection = _connected(server.scheme, host, port)
        try:
            if user:
                connection.login(user, password)
            connection.send_message(message(watch, event, sender))
            with contextlib.suppress(smtplib.SMTPException, OSError):
                connection.quit()
        finally:
            connection.close()
    except smtplib.SMTPResponseException as error:
        raise NotTaken(f"the mail server {host} answers {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise NotTaken(f"the mail server {host} does not take it: {type(error).__name__}") from None


def _connected(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    """Return a connection: encrypted from the start, or as soon as the server offers it."""
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=PATIENCE_S, context=ssl.create_default_context())
    connection = smtplib.SMTP(host, port or 25, timeout=PATIENCE_S)
    connection.ehlo()
    if connection.has_extn("starttls"):
        connection.starttls(context=ssl.create_default_context())
        connection.ehlo()
    return connection


def message(watch: Watch, event: Mapping[str, Any], sender: str) -> EmailMessage:
    """Return an event as mail; its Message-ID is made of the event's id."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, watch.mail
    mail["Subject"] = " ".join(f"[{watch.name}] {event['told']}".split())[:200]
    mail["Message-ID"] = f"<{event['id']}@wirecopy.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(as_text(event))
    mail.add_attachment(json.dumps(event, ensure_ascii=False, indent=1), subtype="json", filename=f"{event['id']}.json")
    return mail


def as_text(event: Mapping[str, Any]) -> str:
    """Return an event in lines for people."""
    lines = [event["told"], ""]
    for name in ("source", "article"):
        if one := event.get(name):
            lines += [f"{name}: {one['outlet'] or 'an unknown outlet'}: {one['headline'] or 'no headline'}"]
            lines += [f"  {one[field]}" for field in ("url", "published_at", "article_id") if one[field]]
    if event.get("share") is not None:
        lines.append(f"share of the article's words: {event['share']:.0%}")
    if event.get("lag_s") is not None:
        lines.append(f"lag: {event['lag_s']:,} s")
    if event.get("agency"):
        credited = {True: ", credited", False: ", not credited"}.get(event.get("credited"), "")  # type: ignore[arg-type]
        lines.append(f"agency: {event['agency']}{credited}")
    if event.get("passage"):
        lines += ["", event["passage"]]
    return "\n".join([*lines, "", f"event {event['id']} of the watch {event['watch']}, commit {event['commit']}", ""])


SINKS: dict[str, Callable[[Watch, Mapping[str, Any]], None]] = {"command": run_command, "webhook": post, "mail": mail}
"""What tells one event, by the name of the attribute of `Watch` that asks for it."""
