"""The command line, `bot demo | web | worker | doctor | manifest | …`: each command imports what it needs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bot import process
from bot.config import BadSettings, ManifestSettings, database_url, environment, whole_number_words

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Sage 200 for Slack.", pretty_exceptions_enable=False
)
db = typer.Typer(no_args_is_help=True, help="The database.")
keys = typer.Typer(no_args_is_help=True, help="Encryption keys.")
cli.add_typer(db, name="db")
cli.add_typer(keys, name="keys")
audit = typer.Typer(no_args_is_help=True, help="The record of what people did.")
cli.add_typer(audit, name="audit")


def _whole(least: int, most: int) -> Callable[[str | int], int]:
    """Return the reader of an option that takes a whole number: the library's own refusal is for programmers."""

    def read(typed: str | int) -> int:  # the default comes as it is
        from bot.domain.text.parsing import whole_number

        number = whole_number(str(typed).strip(), digits=len(str(most)))
        if number is None or not least <= number <= most:
            raise typer.BadParameter(whole_number_words(least, most))
        return number

    return read


@cli.command()
def web(
    with_worker: Annotated[bool, typer.Option("--with-worker", help="Keep the timetable in this process too.")] = False,
) -> None:
    """Answer Slack and browsers."""
    process.prepare_network()
    process.share_arenas()
    process.put_off_collection()
    from bot import serving

    process.run(serving.web(process.settings(), with_worker=with_worker))
    process.say_stopped()


@cli.command()
def worker() -> None:
    """Renew sign-ins ahead of time and clear away what is over."""
    process.prepare_network()
    process.share_arenas()
    process.put_off_collection()
    from bot import serving

    # Of its own: a PORT in .env is the web process's.
    has_port = bool(os.environ.get("PORT", "").strip())
    process.run(serving.worker(process.settings(), has_port=has_port))
    process.say_stopped()


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="Where to look for free ports first.", parser=_whole(1, 65535))] = 3000,
    ledger: Annotated[
        int, typer.Option(help="How many customers Sage 200 has there.", parser=_whole(1, 100_000))
    ] = 500,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser, only print the address.")] = False,
    data: Annotated[Path | None, typer.Option(help="Keep the product's data in this folder.", file_okay=False)] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew in the --data folder.")] = False,
) -> None:
    """Try everything on this machine, without accounts."""
    from importlib.util import find_spec

    process.prepare_network()
    from bot.demo.launcher import Options, run

    if fresh and data is None:
        raise typer.BadParameter("--fresh needs --data FOLDER: without a folder, every start begins anew.")
    if find_spec("python_multipart") is None:
        typer.echo("The demo needs one more library: pip install 'sage200-for-slack[demo]'", err=True)
        raise typer.Exit(2)
    raise typer.Exit(run(Options(port, ledger, not no_browser, data, fresh)))


@cli.command()
def manifest(
    mcp: Annotated[
        bool, typer.Option("--mcp", help="With the tools that Slackbot may call, as the setting SLACK_MCP does.")
    ] = False,
) -> None:
    """Print the manifest for PUBLIC_URL and COMMAND_PREFIX, to paste at Slack under From a manifest."""
    import json

    from bot.features.installations.manifest import manifest as manifest_of

    chosen = ManifestSettings.from_env(environment())
    made = manifest_of(
        public_url=chosen.public_url, command_prefix=chosen.command_prefix, slack_mcp=mcp or chosen.slack_mcp
    )
    typer.echo(json.dumps(made, indent=2, ensure_ascii=False))


@cli.command()
def doctor(
    blocks: Annotated[
        bool, typer.Option("--blocks", help="Ask Slack whether it takes tables and charts, by made-up samples.")
    ] = False,
    live: Annotated[
        bool, typer.Option("--live", help="Ask the installed Slack and Sage 200 what only they can tell; reads only.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --live: don't ask before.")] = False,
    workspace: Annotated[str | None, typer.Option(help="With --live: the Slack workspace id, of several.")] = None,
    file: Annotated[Path, typer.Option(help="With --live: where the report goes.", dir_okay=False)] = Path(
        "live-report.md"
    ),
) -> None:
    """Check every setting against the real services; exit status 1 when something fails."""
    process.prepare_network()
    if live:
        _check_live(workspace, file, yes=yes)
        return
    from bot.operations.doctor import Finding, examine, examine_blocks

    found: list[Finding] = []

    async def run() -> None:
        found.extend(await (examine_blocks if blocks else examine)(process.settings()))

    process.run(run())
    for finding in found:
        typer.echo(f"{'✗' if finding.fault else '✓'} {finding.what}{': ' + finding.fault if finding.fault else ''}")
    raise typer.Exit(1 if any(finding.fault for finding in found) else 0)


def _check_live(workspace: str | None, file: Path, *, yes: bool) -> None:
    from datetime import UTC, datetime

    from bot import __version__
    from bot.operations.live_check import CONSENT, Report, check_live
    from bot.operations.personal_data import write

    settings = process.settings()
    if not yes and not typer.confirm(CONSENT):
        typer.echo("Nothing was asked.")
        raise typer.Exit(1)
    report = Report(datetime.now(UTC), __version__)
    try:
        process.run(check_live(settings, report, workspace=workspace, progress=lambda learnt: typer.echo(learnt.said)))
    finally:  # what was learnt before Ctrl-C is worth keeping
        if report.learnt:
            write(file, report.text)
            typer.echo(f"Written to {file}. Read it before you send it on.")
    raise typer.Exit(0 if report.is_good else 1)


@db.command("upgrade")
def db_upgrade() -> None:
    """Create or update the tables. Safe to run again, and while the app runs."""
    from bot.app import open_database, usable
    from storage.migrations import upgrade

    url = database_url(environment())

    async def run() -> None:
        database = open_database(url)
        try:
            with usable(url):
                await upgrade(database)
            if database.dialect == "postgresql":
                from bot.jobs import engine_schema

                await engine_schema.upgrade(database.libpq_address)
        finally:
            await database.close()

    process.run(run())
    typer.echo("The database is up to date.")


@db.command("copy")
def db_copy(
    to: Annotated[
        str | None, typer.Argument(help="The new database's address. Without it, that in NEW_DATABASE_URL.")
    ] = None,
    while_running: Annotated[
        bool, typer.Option("--while-running", help="For a backup: a worker may go on meanwhile.")
    ] = False,
) -> None:
    """Copy everything into an empty database of either kind, compare, and verify the record there. All or nothing."""
    from datetime import UTC, datetime

    from bot.operations.database_copy import NEW, Copied, copy_database

    settings = process.settings()
    address = to or environment().get(NEW)
    outcome: list[Copied] = []

    async def run() -> None:
        outcome.append(
            await copy_database(
                settings, address, while_running=while_running, now=datetime.now(UTC), progress=_show_copied
            )
        )

    process.run(run())
    for line in outcome[0].said:
        typer.echo(line)
    raise typer.Exit(0 if outcome[0].is_good else 1)


@keys.command("new")
def keys_new() -> None:
    """Print a new key for ENCRYPTION_KEYS."""
    from storage.cipher import new_key

    typer.echo(new_key())


@keys.command("rotate")
def keys_rotate() -> None:
    """Seal everything with the first key of ENCRYPTION_KEYS. Safe while the app runs, and to run again."""
    from bot.app import open_database, usable
    from bot.operations.key_rotation import Resealed, reseal
    from storage.cipher import Cipher

    settings = process.settings()
    outcome: list[Resealed] = []

    async def run() -> None:
        database = open_database(settings.database_url)
        cipher = Cipher.from_text(settings.encryption_keys.get_secret_value())
        try:
            with usable(settings.database_url):
                outcome.append(await reseal(database, cipher, progress=_show_progress))
        finally:
            await database.close()

    process.run(run())
    typer.echo(_resealed(outcome[0].done, outcome[0].broken, outcome[0].left))
    raise typer.Exit(1 if outcome[0].left else 0)


@audit.command("verify")
def audit_verify() -> None:
    """Walk every workspace's record; exit status 1 where a line was changed, taken out or made up."""
    from bot.app import open_database, usable
    from bot.features.audit.service.verifier import AuditVerifier, VerifiedAll
    from storage.cipher import Cipher

    settings = process.settings()
    found: list[VerifiedAll] = []

    async def run() -> None:
        database = open_database(settings.database_url)
        cipher = Cipher.from_text(settings.encryption_keys.get_secret_value())
        try:
            with usable(settings.database_url):
                found.append(await AuditVerifier(database=database, cipher=cipher).verify())
        finally:
            await database.close()

    process.run(run())
    for line in found[0].said:
        typer.echo(line)
    raise typer.Exit(0 if found[0].is_good else 1)


_Person = Annotated[str | None, typer.Option(help="A Slack user id, such as U0123ABCD.")]
_Customer = Annotated[str | None, typer.Option(help="A customer's reference in Sage 200.")]
_Workspace = Annotated[str | None, typer.Option(help="A Slack workspace id; without it, every workspace.")]
_Company = Annotated[str | None, typer.Option(help="A company's name; without it, every company.")]


@cli.command()
def erase(
    person: _Person = None,
    customer: _Customer = None,
    workspace: _Workspace = None,
    company: _Company = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask before erasing.")] = False,
) -> None:
    """Erase what is kept about one person or customer; exit status 1 when nothing is."""
    from bot.operations import personal_data

    subject = personal_data.subject(person, customer, workspace, company)
    settings = process.settings()
    found = personal_data.find(settings, subject)
    for line in personal_data.kept_lines(subject, found):
        typer.echo(line)
    if not found:
        raise typer.Exit(1)
    if not yes and not typer.confirm("Erase this? It can't be brought back."):
        typer.echo("Nothing was erased.")
        raise typer.Exit(1)
    for line in personal_data.erase(settings, subject, found):
        typer.echo(line)


@cli.command()
def export(
    person: _Person = None,
    customer: _Customer = None,
    workspace: _Workspace = None,
    company: _Company = None,
    file: Annotated[Path | None, typer.Option(help="Write to this file instead of the screen.", dir_okay=False)] = None,
) -> None:
    """Print what is kept about one person or customer, as JSON; exit status 1 when nothing is."""
    from bot.operations import personal_data

    subject = personal_data.subject(person, customer, workspace, company)
    settings = process.settings()
    found = personal_data.find(settings, subject)
    if not found:
        typer.echo(personal_data.kept_lines(subject, found)[0], err=True)
        raise typer.Exit(1)
    text = personal_data.exported(subject, found)
    if file is None:
        typer.echo(text)
        return
    personal_data.write(file, text)
    typer.echo(f"Written to {file}.")


def _show_copied(table: str, done: int, total: int) -> None:
    if done == total or done % 10_000 == 0:
        typer.echo(f"{table}: {done} of {total}")


def _show_progress(done: int, total: int) -> None:
    typer.echo(f"Sealed anew: {done} (of {total} rows)")


def _resealed(done: int, broken: int, left: int) -> str:
    if broken:
        return f"{broken} can't be opened by any key in ENCRYPTION_KEYS. Put the missing key back and run this again."
    if left:
        return (
            "A running process still seals with an older key. Restart it with the new ENCRYPTION_KEYS, then run again."
        )
    return f"Done: {done} sealed anew. The older keys in ENCRYPTION_KEYS are not needed any more."


def main() -> None:
    """Run the command line; a missing or wrong setting is named in one line, exit status 2."""
    try:
        cli()
    except BadSettings as bad:
        for fault in bad.faults:
            typer.echo(fault, err=True)
        sys.exit(2)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUTF8", "1")
    main()
