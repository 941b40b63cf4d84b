"""Spark to give tasks to: an application of the caller's, or one that is started at a master by its address."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, TypeAlias, TypeGuard

from landkit.errors import PlaceError

if TYPE_CHECKING:
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

Where: TypeAlias = "int | str | SparkSession | SparkContext"
MASTER: Final = re.compile(r"(spark|k8s)://.+|yarn|local(-cluster)?(\[.*\])?")
STANDALONE: Final = "spark://"
PORT: Final = 7077
CONNECT_WITHIN_S: Final = 15
PACKAGES: Final = str(
    Path(__file__).parents[2]
)  # where landkit is, which executors of this machine need to know
EVERYWHERE: Final = {
    "spark.app.name": "landkit",
    "spark.python.daemon.module": "landkit.cluster.spark_daemon",
    "spark.ui.showConsoleProgress": "false",  # the progress is told by landkit
}
LIGHT: Final = (
    "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # Java only deals out: what it would compile does not pay
)
HERE: Final = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraJavaOptions": LIGHT,
    "spark.executor.extraJavaOptions": LIGHT,
    "spark.executorEnv.PYTHONPATH": PACKAGES,
}


def is_spark(where: Where) -> TypeGuard[str | SparkSession | SparkContext]:
    """Whether that is Spark (而非 dask): the address of a master, as Spark writes them, or a session or context of Spark."""
    return bool(MASTER.fullmatch(where)) if isinstance(where, str) else hasattr(where, "stop")


@contextlib.contextmanager
def spark_context(where: str | SparkSession | SparkContext) -> Iterator[SparkContext]:
    """The context of the caller's session, which goes on running (已有会话), or of an application started at a master.

    A master is `spark://host:7077`, `yarn`, `k8s://...` or `local-cluster[2,1,1024]`; its executors run this Python, or the
    one that PYSPARK_PYTHON names, and load the kernel once each.

    Raises: PlaceError (no pyspark, no Java, no answer, Spark does not start, another application runs in this process).
    """
    try:
        from pyspark import SparkContext
    except ImportError as error:
        raise PlaceError("cluster_missing", package="pyspark", extra="spark") from error
    if isinstance(where, str):
        with _own_signals():
            context = _started(where)
        try:
            yield context
        finally:
            context.stop()
    elif isinstance(where, SparkContext):
        yield where
    else:
        yield _context_of(where)


def _context_of(session: SparkSession) -> SparkContext:
    from pyspark.errors import PySparkException

    try:
        return session.sparkContext
    except (PySparkException, NotImplementedError) as error:
        raise PlaceError("spark_connect") from error


def _started(master: str) -> SparkContext:
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkRuntimeError

    _require_java()
    if master.startswith(STANDALONE):
        _require_answer(master)
    conf = SparkConf().setMaster(master).setAll(list(EVERYWHERE.items()))
    if master.startswith("local"):
        conf.setAll(list(HERE.items()))
    with tempfile.TemporaryFile() as log, warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "PySpark does not yet", FutureWarning
        )  # of pandas, which it is not used with
        try:
            context = SparkContext(conf=conf, gateway=_java(conf, log))
        except ValueError as error:
            raise PlaceError("spark_busy") from error
        except (PySparkRuntimeError, Py4JError) as error:
            raise PlaceError("spark_not_started", address=master, detail=_reason(error, log)) from error
    context.pythonExec = os.environ.get("PYSPARK_PYTHON", sys.executable)
    return context


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=str(Path(home, "bin")) if home else None) is None:
        raise PlaceError("spark_no_java")


def _require_answer(master: str) -> None:
    """One of the masters listens; Spark itself would try for a minute."""
    for address in master.removeprefix(STANDALONE).split(","):
        host, _, port = address.partition(":")
        with contextlib.suppress(OSError, ValueError):
            socket.create_connection((host, int(port or PORT)), timeout=CONNECT_WITHIN_S).close()
            return
    raise PlaceError("spark_unreachable", address=master)


def _java(conf: SparkConf, log: IO[bytes]) -> Any:
    """A Java machine that talks to a file instead of the user's terminal; None where one runs in this process already."""
    from pyspark import SparkContext
    from pyspark.java_gateway import launch_gateway

    running = SparkContext._gateway  # noqa: SLF001  pyspark keeps it for good and tells nobody
    return None if running else launch_gateway(conf, popen_kwargs={"stderr": log})


def _reason(error: Exception, log: IO[bytes]) -> str:
    """What Java says, in one line: of the exception, or of the last one in its log."""
    java = getattr(error, "java_exception", None)
    if java is not None:
        return first_line(str(java.getMessage()))
    log.seek(0)
    lines = log.read().decode(errors="replace").splitlines()
    return next(
        (first_line(line) for line in lines if "Exception" in line or "Error" in line), first_line(str(error))
    )


def first_line(said: str) -> str:
    """The first line of what Java says, without the name of its class and without a full stop."""
    line = said.strip().partition("\n")[0]
    return re.sub(r"^(Exception in thread \"main\" )?(\w+\.)+\w+: ", "", line).rstrip(".")


@contextlib.contextmanager
def _own_signals() -> Iterator[None]:
    """Ctrl-C stays what it was: pyspark would call Java in the middle of whatever is going on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
