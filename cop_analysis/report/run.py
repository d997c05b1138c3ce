"""One run from a study to its finished report: the stages in order, and what happens when one of them fails."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cop_analysis.characters import first_characters
from cop_analysis.files import reason_of
from cop_analysis.report.artefacts import Shown, audit_findings, find_results, write_files
from cop_analysis.report.execute import Executed, Job, clear_scratch, execute_job, stop_run
from cop_analysis.report.folders import clear_stale, discard, new_run_id, open_partial, publish, write_whole
from cop_analysis.report.notebooks import REQUIRED, Notebook, checked_parameters, find_notebooks
from cop_analysis.report.pages import Frame, PageLink, prepare, render_pages
from cop_analysis.report.provenance import (
    RUN_FILE,
    DataFile,
    Finding,
    HeadlineShown,
    NotebookRun,
    RunRecord,
    all_runs,
    attempt_json,
    code_commit,
    compare,
    earlier_runs,
    machine,
    moment,
    require_same_study,
    study_files,
    versions,
)
from cop_analysis.report.settings import ParameterValue, RunSettings, SettingsError
from cop_analysis.report.site import INDEX, banner, render_index, write_outputs_index
from cop_analysis.results.runs import claiming_later
from cop_analysis.study.faults import StudyError, number_of
from cop_analysis.study.settings import read_settings
from cop_analysis.study.template import study_key

if TYPE_CHECKING:
    from cop_analysis.study import Study

Progress = Callable[[int, int, str], None]
"""Called with the steps done, the steps in all, and what was just done."""

NOTEBOOKS = "notebooks"


def run_report(settings: RunSettings, progress: Progress | None = None) -> RunRecord:
    """Run a study's notebooks and leave a whole report in ``out/<study key>/<run id>/``.

    Notebooks run side by side, each in a kernel of its own. One that fails keeps its traceback on its page and in its
    executed notebook, the others still run, and the run is marked as failed. Until everything is written the run
    lives in a hidden folder; a killed run leaves nothing else behind, and the next run clears it away.

    Parameters
    ----------
    settings : RunSettings
    progress : callable, optional
        Called as ``progress(done, total, what)`` after each step, from the thread that called `run_report`.

    Returns
    -------
    RunRecord
        With ``.status``, ``.folder``, ``.failures`` and ``.findings``.

    Raises
    ------
    SettingsError
        If the call is at fault: no such notebook, parameter or period, or a place that cannot be written.
    StudyError
        If the study's data or coding is at fault, with all that `cop check` says.
    OSError
        If the report cannot be written to the end (a full disk, a lost network drive).

    Notes
    -----
    A run that comes to no report for its data or its disk is noted in the list of reports with its reason. Where that
    list cannot be written after a report was made, the record's ``unlisted`` says why; the report stands.
    """
    started = datetime.now(UTC)
    clear_scratch()
    try:
        return _made(settings, progress, started)
    except SettingsError:
        raise
    except Exception as fault:
        with suppress(Exception):  # the fault itself is what the caller has to hear of
            _note_attempt(settings, started, fault)
        raise


def _made(settings: RunSettings, progress: Progress | None, started: datetime) -> RunRecord:
    clock = time.monotonic()
    notebooks = find_notebooks(settings.notebooks, settings.notebooks_folder)
    parameters = {notebook.name: _parameters(notebook, settings) for notebook in notebooks}
    _require_known(settings, notebooks)
    study = _open(settings)
    home = settings.out / study.key
    runs = all_runs(home)
    earlier = earlier_runs(runs)
    require_same_study(earlier, study.key, study.title, settings.study.resolve().name)
    later = claiming_later(started, runs)
    run = new_run_id(started)
    partial = open_partial(settings.out, study.key, run)
    try:
        clear_stale(home)
        data = study_files(settings.study, study)
        jobs = [_job(run, notebook, parameters[notebook.name], settings) for notebook in notebooks]
        steps = _Steps(len(jobs) + 2, progress)
        steps.done("study read")
        builder = _Builder(partial, study, settings, run, started, notebooks, parameters)
        for executed in _executed(jobs, settings):
            builder.add(executed)
            steps.done(f"{executed.name} {executed.status}")
        changed = _changed_underneath(data, study_files(settings.study, study))
        builder.render()
        record = replace(builder.record(home / run, data, changed, clock), claims_later=tuple(later))
        builder.finish(record, earlier)
        publish(partial, record.folder)
    except BaseException:
        discard(partial)
        raise
    try:
        write_outputs_index(settings.out)
    except OSError as fault:
        record = replace(record, unlisted=_reason(fault))
    steps.done("report written")
    return record


def _note_attempt(settings: RunSettings, started: datetime, fault: Exception) -> None:
    """Put a run that came to no report into the list of reports, under its study, with its reason."""
    told = read_settings(settings.study).config
    folder = settings.study.resolve().name
    key = study_key(folder) if told is None else told.key
    study = {
        "key": key,
        "title": folder if told is None else told.title,
        "folder": folder,
        "provenance": "" if told is None else told.provenance,
    }
    where = "data" if isinstance(fault, StudyError) else "report"
    run = new_run_id(started)
    text = attempt_json(
        run,
        started,
        study,
        {"period": settings.period, "audience": settings.audience},
        [(where, _reason(fault))],
        claiming_later(started, all_runs(settings.out / key)),
    )
    partial = open_partial(settings.out, key, run)
    try:
        write_whole(partial / RUN_FILE, text)
        publish(partial, settings.out / key / run)
    except BaseException:
        discard(partial)
        raise
    write_outputs_index(settings.out)


def _reason(fault: Exception) -> str:
    """Say in one line why a run failed, without a path of this machine."""
    if isinstance(fault, StudyError):
        errors = [one for one in fault.faults if one.severity == "error"]
        first = errors[0].sentence.rstrip(".") if errors else "its files are at fault"
        total = number_of(errors)
        return first if total < 2 else f"{total:,} faults in its files; the first: {first}"
    if isinstance(fault, OSError):
        return reason_of(fault)
    return f"{type(fault).__name__}: {first_characters(' '.join(str(fault).split()), 300)}"


def _open(settings: RunSettings) -> Study:
    from cop_analysis.realist import examine_study

    if not os.path.lexists(settings.study / "study.toml"):
        raise SettingsError(f"{settings.study} holds no study.toml, so it is not a study folder.")
    try:
        examined = examine_study(settings.study, period=settings.period, audience=settings.audience)
    except ValueError as fault:
        # Faults of the data are StudyErrors; what is left is a period the study cannot have.
        raise SettingsError(str(fault)) from None
    if examined.study is None or examined.errors:
        raise StudyError(examined.faults)
    study = examined.study
    every = study.unrestricted().events
    if study.period is not None and every is not None and study.events is None:
        first, last = every["date"].min(), every["date"].max()
        raise SettingsError(
            f"No event lies in {study.period.label}: the study's events go from {first:%Y-%m-%d} to {last:%Y-%m-%d}. "
            "Give another period, or none for the whole study."
        )
    return study


def _parameters(notebook: Notebook, settings: RunSettings) -> dict[str, ParameterValue]:
    own = dict(settings.parameters.get(notebook.name, {}))
    for name in REQUIRED:
        if name in own:
            raise SettingsError(
                f"{name} is given to every notebook by the run itself; leave it out for {notebook.name}."
            )
    # The kernel starts in the folder that holds the study's, so that no path of this machine reaches the report.
    standard = {"study": settings.study.resolve().name or ".", "period": settings.period, "audience": settings.audience}
    if settings.seed is not None and notebook.parameter("seed") is not None:
        own.setdefault("seed", settings.seed)
    return checked_parameters(notebook, {**standard, **own})


def _require_known(settings: RunSettings, notebooks: tuple[Notebook, ...]) -> None:
    names = [notebook.name for notebook in notebooks]
    for name in settings.parameters:
        if name not in names:
            raise SettingsError(
                f"Parameters are given for {name!r}, which is not run; the notebooks are: {', '.join(names)}."
            )


def _job(run: str, notebook: Notebook, parameters: Mapping[str, ParameterValue], settings: RunSettings) -> Job:
    return Job(
        run=run,
        name=notebook.name,
        text=notebook.text,
        parameters=parameters,
        folder=str(settings.study.resolve().parent),
        cell_deadline=settings.cell_deadline,
        notebook_deadline=settings.notebook_deadline,
        start_deadline=settings.start_deadline,
    )


def _executed(jobs: list[Job], settings: RunSettings) -> Iterator[Executed]:
    """Run the jobs and give each as it ends; when the caller gives up, kill the kernels that still run."""
    own = settings.executor is None
    executor: Executor = settings.executor or ThreadPoolExecutor(settings.workers_for(len(jobs)), "cop-notebook")
    futures: dict[Future[Executed], Job] = {executor.submit(execute_job, job): job for job in jobs}
    left = set(futures)
    try:
        prepare()
        while left:
            done, left = wait(left, return_when=FIRST_COMPLETED)
            for future in done:
                yield _result(future, futures[future])
    except BaseException:
        for future in left:
            future.cancel()
        # A kernel that was just starting is not there to be killed yet, so ask until every job has come back.
        until = time.monotonic() + 30
        while any(not future.done() for future in left) and time.monotonic() < until:
            stop_run(jobs[0].run)
            wait(left, timeout=0.2)
        raise
    finally:
        if own:
            executor.shutdown(wait=False, cancel_futures=True)


def _result(future: Future[Executed], job: Job) -> Executed:
    try:
        return future.result()
    except Exception as fault:  # a worker that was lost is one notebook's failure, not the run's end
        said = first_characters(" ".join(str(fault).split()), 300)
        reason = f"the worker that ran it was lost ({type(fault).__name__}: {said})"
        return Executed(job.name, "incomplete", reason, 0.0, job.text)


def _changed_underneath(before: tuple[DataFile, ...], after: tuple[DataFile, ...]) -> str:
    names = sorted({item.file for item in set(before) ^ set(after)})
    return f"changed while the run was reading: {', '.join(names[:5])}; run the report again" if names else ""


class _Steps:
    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total, self.count, self.progress = total, 0, progress

    def done(self, what: str) -> None:
        self.count += 1
        if self.progress is not None:
            self.progress(self.count, self.total, what)


class _Builder:
    """Writes a run's pages and files into its hidden folder as the notebooks come back."""

    def __init__(
        self,
        folder: Path,
        study: Study,
        settings: RunSettings,
        run: str,
        started: datetime,
        notebooks: tuple[Notebook, ...],
        parameters: Mapping[str, Mapping[str, ParameterValue]],
    ) -> None:
        self.folder, self.study, self.settings, self.run, self.started = folder, study, settings, run, started
        self.notebooks, self.parameters = notebooks, parameters
        self.runs: dict[str, NotebookRun] = {}
        self.results: dict[str, tuple[Shown, ...]] = {}
        self.nodes: dict[str, Any] = {}

    def frame(self) -> Frame:
        config = self.study.config
        return Frame(
            study_title=self.study.title,
            language=config.language,
            banner=banner(config.provenance),
            pages=tuple(
                PageLink(one.name, one.title, f"{one.name}.html", self._status(one.name) != "ok")
                for one in self.notebooks
            ),
            run=self.run,
            started=moment(self.started),
            audience=self.settings.audience,
            period="" if self.study.period is None else self.study.period.label,
            version=versions()["cop-analysis"],
        )

    def _status(self, name: str) -> str:
        return self.runs[name].status if name in self.runs else "ok"

    def add(self, executed: Executed) -> None:
        import nbformat

        notebook = next(one for one in self.notebooks if one.name == executed.name)
        path = f"{NOTEBOOKS}/{executed.name}.ipynb"
        write_whole(self.folder / path, executed.text)
        node = nbformat.reads(executed.text, as_version=4)
        self.results[executed.name] = tuple(
            write_files(shown, self.folder) for shown in find_results(executed.name, node)
        )
        self.nodes[executed.name] = node
        self.runs[executed.name] = NotebookRun(
            executed.name,
            notebook.title,
            executed.status,
            executed.reason,
            round(executed.seconds, 2),
            dict(self.parameters[executed.name]),
            f"{executed.name}.html",
            path,
            executed.megabytes,
        )

    def record(self, final: Path, data: tuple[DataFile, ...], changed: str, clock: float) -> RunRecord:
        """Gather the run's record once every notebook is back; `clock` is when the run began, for its duration."""
        runs = [self.runs[one.name] for one in self.notebooks]
        results = self._all_results()
        failures = [
            # "Failed" is said of every one of them; only another way to end needs its name.
            (one.name, one.reason if one.status == "failed" else f"{one.status}: {one.reason}")
            for one in runs
            if one.status != "ok"
        ]
        if changed:
            failures.append(("data", changed))
        settings = self.settings
        return RunRecord(
            run=self.run,
            folder=final,
            status="failed" if failures else "ok",
            started=self.started,
            seconds=time.monotonic() - clock,
            study={
                "key": self.study.key,
                "title": self.study.title,
                "folder": settings.study.resolve().name,
                "provenance": self.study.config.provenance,
            },
            settings={
                "period": settings.period,
                "audience": settings.audience,
                "seed": settings.seed,
                "notebooks": list(settings.notebooks),
                "cell_deadline": settings.cell_deadline,
                "notebook_deadline": settings.notebook_deadline,
            },
            notebooks=tuple(runs),
            headlines=tuple(
                sorted((_headline(shown) for shown in results if shown.payload["headline"]), key=lambda one: one.order)
            ),
            audit=tuple(
                Finding(sentence, f"{shown.page}.html", shown.anchor)
                for shown in results
                for sentence in audit_findings((shown,))
            ),
            data=data,
            versions=versions(),
            platform=machine(),
            commit=code_commit(),
            failures=tuple(failures),
        )

    def _all_results(self) -> list[Shown]:
        return [shown for one in self.notebooks for shown in self.results[one.name]]

    def render(self) -> None:
        """Write every notebook's page; one that cannot be rendered says so and fails alone."""
        for one in self.notebooks:
            try:
                self._render(one.name)
            except Exception as fault:  # a page must not cost the others theirs
                reason = f"its page could not be made ({_reason(fault)})"
                self.runs[one.name] = replace(self.runs[one.name], status="failed", reason=reason)
                self.results[one.name] = ()
                self.nodes[one.name].cells = []
                self._render(one.name)

    def _render(self, name: str) -> None:
        run = self.runs[name]
        pages = render_pages(
            self.frame(), name, self.nodes[name], self.results[name], status=run.status, reason=run.reason
        )
        for file, html in pages.items():
            write_whole(self.folder / file, html)

    def finish(self, record: RunRecord, earlier: list[dict[str, Any]]) -> None:
        """Write the run's index and its record, the last files of a report."""
        text = record.to_json()
        changes = compare(earlier, json.loads(text))
        write_whole(self.folder / INDEX, render_index(self.frame(), self.study, record, self._all_results(), changes))
        write_whole(self.folder / RUN_FILE, text)


def _headline(shown: Shown) -> HeadlineShown:
    payload = shown.payload
    headline = payload["headline"]
    return HeadlineShown(
        page=shown.page,
        file=f"{shown.page}.html",
        key=shown.anchor,
        title=payload["title"],
        label=headline["label"],
        value=headline["value"],
        uncertainty=headline["uncertainty"],
        sentence=payload["sentence"],
        order=headline["order"],
    )
