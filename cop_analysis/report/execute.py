"""Run one notebook in a kernel of its own and say how it ended; nothing here writes a file or renders a page.

A job carries a notebook in memory and comes back as an executed notebook with a status, so it runs the same in a
thread here or on another machine. The status is our own record: after a dead kernel or a deadline, what papermill
leaves in the notebook marks every cell completed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
import socket
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import cop_analysis
from cop_analysis.characters import first_characters, shortened
from cop_analysis.files import born, is_at_work
from cop_analysis.report.settings import ParameterValue

Status = Literal["ok", "failed", "timed out", "died", "incomplete"]

ENGINE = "cop-analysis"
_SCRATCH = "cop-kernel-"
_SCRATCH_NAME = re.compile(rf"{_SCRATCH}([0-9a-f]{{8}})-(\d+)-([0-9a-f.]+)-")
LONGEST_STREAM = 1_000_000
"""Characters of printed text kept from one cell; a runaway loop must not fill the memory of the run."""
_LONGEST_SOCKET = 100
"""Bytes of a socket file's path; the systems allow 103 to 107."""
GRACE = 5.0
"""Seconds a cell has to stop after it was interrupted at its deadline."""

_log = logging.getLogger("cop_analysis.report")
_log.addHandler(logging.NullHandler())
_running: dict[str, set[Any]] = {}
_running_lock = threading.Lock()


@dataclass(frozen=True)
class Job:
    """Everything a notebook needs to run: its text, its parameters, the folder it starts in, and its deadlines."""

    run: str
    name: str
    text: str
    parameters: Mapping[str, ParameterValue]
    folder: str
    cell_deadline: float
    notebook_deadline: float
    start_deadline: float


@dataclass(frozen=True)
class Executed:
    """A notebook after its run: how it ended, why, in what time and memory, and its text with outputs."""

    name: str
    status: Status
    reason: str
    seconds: float
    text: str
    megabytes: float | None = None


@dataclass
class _Record:
    """What the engine notes while a notebook runs; the truth about how it ended."""

    job: Job
    started: float = field(default_factory=time.monotonic)
    notebook: Any = None
    place: str = "the start of its kernel"
    timed_out: str = ""
    finished: bool = False
    error: Any = None
    kernel_said: str = ""
    megabytes: float | None = None

    @property
    def seconds_left(self) -> float:
        return self.started + self.job.notebook_deadline - time.monotonic()


def execute_job(job: Job) -> Executed:
    """Run a notebook and give it back with its outputs and its status; never raises for what the notebook does.

    Statuses: ``ok``, ``failed`` (a cell raised), ``timed out`` (a cell or the notebook passed its deadline), ``died``
    (the kernel process ended), ``incomplete`` (it could not start, or stopped before its last cell without an error).
    """
    import nbformat
    import papermill

    _register_engine()
    record = _Record(job)
    fault: BaseException | None = None
    try:
        with _own_event_loop():
            papermill.execute_notebook(
                nbformat.reads(job.text, as_version=4),
                None,
                parameters=dict(job.parameters),
                engine_name=ENGINE,
                kernel_name="python3",
                language="python",
                progress_bar=False,
                request_save_on_cell_execute=False,
                record=record,
            )
    except Exception as raised:  # whatever happened becomes the status; the other notebooks go on
        fault = raised
    status, reason = _judge(record, fault)
    notebook = record.notebook if record.notebook is not None else nbformat.reads(job.text, as_version=4)
    notebook.cells = [
        cell for cell in notebook.cells if "papermill-error-cell-tag" not in cell.metadata.get("tags", [])
    ]
    notebook.metadata["cop_analysis"] = {"status": status, "reason": reason}
    seconds = time.monotonic() - record.started
    return Executed(job.name, status, reason, seconds, nbformat.writes(notebook), record.megabytes)


def stop_run(run: str) -> None:
    """Kill the kernels of a run that is being given up; their jobs come back as died."""
    with _running_lock:
        clients = list(_running.get(run, ()))
    for client in clients:
        process = getattr(getattr(client.km, "provisioner", None), "process", None)
        if process is not None and process.poll() is None:
            process.kill()


def _judge(record: _Record, fault: BaseException | None) -> tuple[Status, str]:
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    where = record.place
    said = f"; the kernel's last words: {record.kernel_said}" if record.kernel_said else ""
    if record.timed_out or isinstance(fault, CellTimeoutError):
        return "timed out", f"{where} {record.timed_out or 'did not finish in time'}"
    if isinstance(fault, DeadKernelError):
        return "died", f"{where} ended its kernel (a crash, a kill, or too little memory){said}"
    if record.error is not None:
        if record.error.ename == "SystemExit":
            return "incomplete", f"{where} left the notebook early (sys.exit)"
        message = " ".join(str(record.error.evalue).split())
        short = shortened(message, 300)
        return (
            "failed",
            f"{where} raised {record.error.ename}: {short}" if short else f"{where} raised {record.error.ename}",
        )
    if record.finished:
        return "ok", ""
    if isinstance(fault, CellExecutionError):
        return "failed", f"{where} raised {fault.ename}: {fault.evalue}"
    cause = (
        "the run stopped"
        if fault is None
        else f"{type(fault).__name__}: {first_characters(' '.join(str(fault).split()), 300)}"
    )
    return "incomplete", f"{where} was not finished ({cause}){said}"


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.exists() else []
    return next((first_characters(line.strip(), 300) for line in reversed(lines) if line.strip()), "")


@contextmanager
def _own_event_loop() -> Iterator[None]:
    # jupyter_core makes a loop for a thread that has none and never closes it; a long-lived worker would collect them.
    from jupyter_core.utils import ensure_event_loop

    try:
        yield
    finally:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            loop = ensure_event_loop()
            if not loop.is_running():
                loop.run_until_complete(loop.shutdown_asyncgens())
                loop.close()


# --- what a kernel leaves in the temporary folder -------------------------------------------------------------------


def scratch_prefix() -> str:
    """Begin the name of a kernel's folder: it says which process of which machine may remove it."""
    own = os.getpid()
    return f"{_SCRATCH}{zlib.crc32(socket.gethostname().encode()):08x}-{own}-{born(own)}-"


def clear_scratch(folder: Path | None = None) -> int:
    """Remove the folders of kernels whose process was killed before it could; gives how many.

    Only what this user made on this machine is looked at, and what belongs to a process that is alive stays.
    """
    cleared = 0
    place = Path(tempfile.gettempdir()) if folder is None else folder
    for path in place.glob(f"{_SCRATCH}*"):
        found = _SCRATCH_NAME.match(path.name)
        try:
            mine = path.is_dir() and not path.is_symlink() and path.stat().st_uid == getattr(os, "getuid", lambda: 0)()
        except OSError:
            continue
        if not (found and mine and int(found[1], 16) == zlib.crc32(socket.gethostname().encode())):
            continue
        # A process number is used again; together with its start it is not.
        if not is_at_work(int(found[2]), found[3]):
            shutil.rmtree(path, ignore_errors=True)
            cleared += 1
    return cleared


def most_memory(process: int | None) -> float | None:
    """Give the most memory a process has held, in megabytes; None where the system does not say."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    found = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return round(found[0] / 2**10, 1) if found else None


# --- the papermill engine ------------------------------------------------------------------------------------------


def kernel_command() -> list[str]:
    """Give the command of a kernel: this Python, whatever kernels are installed, and nothing of the user's profile.

    A study's folder never joins the import path, so that a ``pandas.py`` lying beside the data is not run. The launcher
    module of ipykernel is not used: it drops the first import path where that is the folder it starts in.
    """
    return [
        sys.executable,
        "-m",
        "ipykernel",
        "-f",
        "{connection_file}",
        "--IPKernelApp.ignore_cwd=True",
    ]


def kernel_environment(profile: str) -> dict[str, str]:
    """Give the environment of a kernel: the package that runs the report, and the same answers on every machine."""
    package = str(Path(cop_analysis.__file__).resolve().parent.parent)
    # The kernel starts in another folder: what was relative to ours must not become relative to the data's.
    inherited = [os.path.abspath(part) for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    return {
        # Notebooks run side by side; a thread a core in each of them waits more than it works.
        "OPENBLAS_NUM_THREADS": "1",
        **os.environ,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys([package, *inherited])),
        "PYTHONSAFEPATH": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "IPYTHONDIR": profile,
    }


_register_lock = threading.Lock()


def _register_engine() -> None:
    from papermill.engines import papermill_engines

    with _register_lock:
        if ENGINE not in papermill_engines._engines:
            papermill_engines.register(ENGINE, _engine_class())


def _engine_class() -> type:
    from papermill.engines import Engine

    class WorkbenchEngine(Engine):
        """papermill's seam for running notebooks our way: our kernel, our deadlines, our record."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
            record: _Record = options["record"]
            job = record.job
            record.notebook = nb_man.nb
            nb_man.nb.metadata.papermill["input_path"] = f"{job.name}.ipynb"
            nb_man.nb.metadata["kernelspec"] = {
                "name": "python3",
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
            }
            client = _client_class()(
                nb_man,
                kernel_name=kernel_name,
                record=record,
                timeout=60,
                startup_timeout=max(1, int(min(job.start_deadline, job.notebook_deadline))),
                iopub_timeout=30,
                shutdown_kernel="immediate",
                resources={"metadata": {"path": job.folder}},
                log=_log,
            )
            with _running_lock:
                _running.setdefault(job.run, set()).add(client)
            try:
                with tempfile.TemporaryDirectory(prefix=scratch_prefix(), ignore_cleanup_errors=True) as scratch:
                    client.kernel_manager_class = _kernel_manager_class(scratch)
                    log = Path(scratch) / "kernel.log"
                    with log.open("wb") as said:
                        try:
                            client.execute(env=kernel_environment(scratch), stdout=said, stderr=said)
                        finally:
                            record.kernel_said = _last_line(log)
            finally:
                with _running_lock:
                    _running[job.run].discard(client)
                    if not _running[job.run]:
                        del _running[job.run]

    return WorkbenchEngine


def transport(scratch: str) -> str:
    """Say how to speak with a kernel: by socket files in its own folder, or by ports where there can be none.

    A port is chosen before the kernel takes it; if another program takes it first, the kernel lives and never answers.
    """
    import zmq

    fits = len(os.fsencode(str(Path(scratch) / "kernel-ipc-5"))) <= _LONGEST_SOCKET
    return "ipc" if zmq.has("ipc") and sys.platform != "win32" and fits else "tcp"


def _kernel_manager_class(scratch: str) -> type:
    import zmq
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    class ThisPython(AsyncKernelManager):
        """Starts kernels of the Python that runs the report; an installed "python3" kernel may be another one."""

        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            # Beside the kernel's other files, so that it goes when they go, whatever happens to this process.
            self.connection_file = str(Path(scratch) / "kernel.json")
            self.transport = transport(scratch)
            self.cache_ports = self.transport == "tcp"
            if zmq.has("curve") and hasattr(self, "transport_encryption"):
                self.transport_encryption = "auto"

        @property
        def kernel_spec(self) -> KernelSpec:
            return KernelSpec(
                argv=kernel_command(),
                display_name="Python 3 (ipykernel)",
                language="python",
                metadata={"supported_encryption": ["curve"]},
            )

    return ThisPython


def _client_class() -> type:
    from queue import Empty

    from nbclient.exceptions import CellExecutionError, CellTimeoutError
    from papermill.clientwrap import PapermillNotebookClient

    class WorkbenchClient(PapermillNotebookClient):
        """A notebook client that keeps deadlines for a cell and for the whole notebook, and notes how it ended."""

        def __init__(self, nb_man: Any, *, record: _Record, **settings: Any) -> None:
            super().__init__(nb_man, **settings)
            self.record = record
            self.printed = 0
            self.timeout_func = self._seconds_for

        def _seconds_for(self, cell: Any) -> float:
            return max(0.1, min(self.record.job.cell_deadline, self.record.seconds_left))

        def papermill_execute_cells(self) -> None:
            try:
                self._execute_cells()
            finally:
                self.record.megabytes = most_memory(getattr(getattr(self.km, "provisioner", None), "pid", None))

        def _execute_cells(self) -> None:
            number = 0
            for index, cell in enumerate(self.nb.cells):
                self.printed = 0
                if cell.cell_type == "code":
                    # Counted as the page counts them, so that the reader finds the cell.
                    number += 1
                    self.record.place = f"code cell {number}"
                    if self.record.seconds_left <= 0:
                        seconds = self.record.job.notebook_deadline
                        self.record.timed_out = f"was not started: the notebook had used its {seconds:g} seconds"
                        return
                try:
                    self.nb_man.cell_start(cell, index)
                    self.execute_cell(cell, index)
                except CellExecutionError as error:
                    self.record.error = error
                    self.nb_man.cell_exception(self.nb.cells[index], cell_index=index, exception=error)
                    return
                finally:
                    self.nb_man.cell_complete(self.nb.cells[index], cell_index=index)
                if self.record.timed_out:
                    return
            self.record.finished = True

        def _too_long(self) -> str:
            job = self.record.job
            if self.record.seconds_left <= 0.5:
                return f"was running when the notebook had used its {job.notebook_deadline:g} seconds"
            return f"took longer than its {job.cell_deadline:g} seconds"

        async def _async_handle_timeout(self, timeout: float, cell: Any = None) -> Any:
            # Interrupt, then wait for the answer a short time only: a cell that swallows the interrupt would
            # otherwise get its whole deadline again, and again.
            self.record.timed_out = self._too_long()
            if cell is None:
                return None
            await self.km.interrupt_kernel()
            end = time.monotonic() + GRACE
            try:
                while (left := end - time.monotonic()) > 0:
                    message = await self.kc.shell_channel.get_msg(timeout=left)
                    if message["msg_type"] == "execute_reply":
                        return message
            except Empty:
                pass
            raise CellTimeoutError.error_from_timeout_and_cell("Cell did not stop at its deadline", int(timeout), cell)

        def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
            if msg["msg_type"] == "stream":
                before = self.printed
                self.printed += len(msg["content"]["text"])
                if before > LONGEST_STREAM:
                    return None
                if self.printed > LONGEST_STREAM:
                    kept = msg["content"]["text"][: LONGEST_STREAM - before]
                    msg["content"]["text"] = f"{kept}\n[The rest of what this cell printed was left out.]\n"
            return super().process_message(msg, cell, cell_index)

        def set_widgets_metadata(self) -> None:
            """Leave widget state out: the page shows a widget's static form, and the state may hold data."""

    return WorkbenchClient
