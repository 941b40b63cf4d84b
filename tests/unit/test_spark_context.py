"""Which addresses are Spark's, and what is said where Spark is not to be had or gives up."""

from __future__ import annotations

import sys

import pytest

from landkit.cluster.spark_context import is_spark, spark_context
from landkit.cluster.spark_tasks import why_failed
from landkit.errors import PlaceError

CALLED = "An error occurred while calling z:org.apache.spark.api.python.PythonRDD.collectAndServe.\n: "
ABORTED = f"{CALLED}org.apache.spark.SparkException: Job aborted due to stage failure: Task 1 in stage 1.0 failed 4 times, "
RAISED = (
    f"{CALLED}org.apache.spark.api.python.PythonException: [PYTHON_EXCEPTION] An exception was thrown: "
    'Traceback (most recent call last):\n  File "worker.py", line 4327, in invoke_udf\n    run_process()\n'
    '  File "a.py", line 1, in do\n    raise it\n    ^^^^^^^^\n%s\n SQLSTATE: 38000\n\tat org.apache.spark.api.python\n'
)


@pytest.mark.parametrize(
    "address",
    [
        "spark://host:7077",
        "spark://a:1,b:2",
        "yarn",
        "k8s://https://h:6443",
        "local[2]",
        "local-cluster[2,1,1024]",
    ],
)
def test_masters_of_spark_are_told_from_schedulers_of_dask(address):
    assert is_spark(address)


@pytest.mark.parametrize("where", ["tcp://host:8786", "tls://host:8786", "host:8786", "localhost", 2])
def test_whatever_dask_takes_is_left_to_dask(where):
    assert not is_spark(where)


def test_without_pyspark_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)

    with pytest.raises(PlaceError, match=r"pyspark is not installed; pip install 'landkit\[spark\]'"):
        enter("spark://host:7077")


def test_without_java_that_is_said(monkeypatch, tmp_path):
    pytest.importorskip("pyspark")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    with pytest.raises(PlaceError, match="There is no Java"):
        enter("local[1]")


def test_a_master_that_does_not_answer_is_one_sentence(monkeypatch):
    """Known at once, where Spark itself would try for a minute."""
    pytest.importorskip("pyspark")
    monkeypatch.setattr("landkit.cluster.spark_context._require_java", lambda: None)

    with pytest.raises(PlaceError, match=r"No Spark master answers at spark://127.0.0.1:1"):
        enter("spark://127.0.0.1:1")


def enter(where):
    with spark_context(where):
        raise AssertionError("it must not start")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            ABORTED + "most recent failure: ... Python worker exited unexpectedly (crashed).",
            "Group 9 ended every worker",
        ),
        (ABORTED + "ExecutorLostFailure (executor 3 exited ...) exit code 137", "Group 9 ended every worker"),
        (
            RAISED % "MemoryError: no room for 3 GiB",
            "Spark's executors failed (MemoryError: no room for 3 GiB); mend",
        ),
        (
            RAISED % "ModuleNotFoundError: No module named 'landkit'",
            "The Python of Spark's executors has no landkit",
        ),
        (
            "Error while finding module specification (ModuleNotFoundError: No module named 'landkit')",
            "has no landkit",
        ),
        (CALLED + "Job 0 cancelled because SparkContext was shut down", "The scheduler went away"),
        (
            ABORTED + "Task not serializable: java.io.NotSerializableException",
            "failed (Job aborted due to stage failure",
        ),
    ],
)
def test_pages_of_spark_are_one_sentence(said, sentence):
    """As Spark 4.3 says them; the second task was that of group 9."""
    found = str(why_failed(said, [4, 9], "cluster_worker_lost"))

    assert sentence in found
    assert "\n" not in found
